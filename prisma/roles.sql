-- The two roles that hold the line of ownership (schema.prisma says who owns what). Run at each start; idempotent.
-- What stands in braces is filled in by bin/migrate.mjs. Role names carry the name of the database.
do $$
begin
  if not exists (select from pg_roles where rolname = '{database}_web') then create role "{database}_web" login; end if;
  if not exists (select from pg_roles where rolname = '{database}_manager') then create role "{database}_manager" login; end if;
end $$;
alter role "{database}_web" password '{web_password}';
alter role "{database}_manager" password '{manager_password}';
grant usage on schema public to "{database}_web", "{database}_manager";
grant select on all tables in schema public to "{database}_web", "{database}_manager";
-- Web owns people and progress.
grant insert, update, delete on
  users, sessions, accounts, verifications, rate_limits, invites, organizations, memberships, plans, enrolments,
  lesson_progress, task_results, quiz_answers, predictions, feedback, messages, terminal_shares
  to "{database}_web";
-- The manager owns sandboxes and what is found in them, and nothing that signs anybody in.
revoke select on sessions, accounts, verifications, invites, terminal_shares from "{database}_manager";
grant insert, update, delete on managers, sandboxes, journal, verdicts to "{database}_manager";
grant usage, select on all sequences in schema public to "{database}_manager";
-- Both append to the audit log; nobody changes it.
grant insert on audit_events to "{database}_web", "{database}_manager";
