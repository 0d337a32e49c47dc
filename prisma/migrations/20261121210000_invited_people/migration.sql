-- An invitation makes an account of the role it says; people other than admins come by a name.
ALTER TABLE "admin_invites" RENAME TO "invites";
ALTER TABLE "invites" RENAME CONSTRAINT "admin_invites_pkey" TO "invites_pkey";
ALTER INDEX "admin_invites_token_hash_key" RENAME TO "invites_token_hash_key";
ALTER TABLE "invites" ADD COLUMN "role" "role" NOT NULL DEFAULT 'admin', ADD COLUMN "name" TEXT NOT NULL DEFAULT 'Admin';
