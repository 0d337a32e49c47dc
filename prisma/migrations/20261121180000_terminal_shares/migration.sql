-- A link by which somebody without an account watches one terminal.
CREATE TABLE "terminal_shares" (
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "sandbox_id" UUID NOT NULL,
    "terminal" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "terminal_shares_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "terminal_shares_token_hash_key" ON "terminal_shares"("token_hash");

CREATE INDEX "terminal_shares_sandbox_id_idx" ON "terminal_shares"("sandbox_id");

ALTER TABLE "terminal_shares" ADD CONSTRAINT "terminal_shares_sandbox_id_fkey" FOREIGN KEY ("sandbox_id") REFERENCES "sandboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
