-- A manager's place: the machine and folder where its sandboxes run. Only a successor there can go on with them.
ALTER TABLE "managers" ADD COLUMN "place" TEXT NOT NULL DEFAULT '';

-- What a journal entry is about, whether it stands alone, and which point of the lesson it marks.
ALTER TABLE "journal" ADD COLUMN "part" TEXT NOT NULL DEFAULT '',
ADD COLUMN "whole" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN "mark" TEXT;
