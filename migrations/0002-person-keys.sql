-- One key a person, wrapped by the master key. Destroying it makes everything sealed with it unreadable for good.
create table person_keys (
  key_id uuid primary key,
  user_id uuid not null,
  wrapped_key text,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  check ((wrapped_key is null) = (destroyed_at is not null))
);
create unique index person_keys_one_live on person_keys (user_id) where destroyed_at is null;
