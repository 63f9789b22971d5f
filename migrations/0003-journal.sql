-- The append-only record of everything that happened. Order and horizon: (xid, seq). Only entries of transactions older
-- than every running one (xid below the horizon) are sealed, so that none appears later among those already passed.
create table journal_entries (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  entry_id uuid not null unique,
  at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  on_behalf_of text,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  request_id text,
  -- The exact text that is hashed: times in milliseconds, keys sorted, personal values sealed with the subject's key.
  canonical text not null
);
create index journal_entries_by_subject on journal_entries (subject_kind, subject_id, seq desc);
create index journal_entries_by_horizon on journal_entries (xid, seq);

-- The sealer gives every entry its gapless position and its leaf in the tree. No foreign key: its check would lock, and
-- so rewrite, every entry it seals; the audit verifier finds a leaf without its entry.
create table journal_leaves (
  position bigint primary key check (position >= 0),
  seq bigint not null unique,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);

-- Signed statements about the first `size` leaves; `frontier` lets the next one be computed from new leaves alone.
create table journal_checkpoints (
  size bigint primary key check (size > 0),
  root bytea not null,
  previous_size bigint not null,
  previous_root bytea,
  signed_at timestamptz not null,
  kid text not null,
  statement text not null,
  frontier bytea[] not null
);

-- Statement triggers: a row trigger would not stop a TRUNCATE, not even the owner's.
create function refuse_journal_change() returns trigger language plpgsql as $$
begin
  raise exception 'The journal only grows: % on % is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger journal_entries_only_grow before update or delete or truncate on journal_entries
  for each statement execute function refuse_journal_change();
create trigger journal_leaves_only_grow before update or delete or truncate on journal_leaves
  for each statement execute function refuse_journal_change();
create trigger journal_checkpoints_only_grow before update or delete or truncate on journal_checkpoints
  for each statement execute function refuse_journal_change();
