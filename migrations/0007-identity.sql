-- A credential of a user: at the embedded provider, at Amazon Cognito, a wallet, or a foreign issuer.
create table identities (
  identity_id uuid primary key,
  user_id uuid not null references users (user_id),
  provider text not null,
  issuer text not null,
  subject text not null,
  password_hash text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (issuer, subject)
);
create index identities_by_user on identities (user_id);

-- One live secret for each purpose and subject: issuing a new one replaces the old.
create table one_time_secrets (
  purpose text not null,
  subject text not null,
  secret_hash bytea not null,
  tries_left integer not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  consumed_at timestamptz,
  primary key (purpose, subject)
);
create index one_time_secrets_expiry on one_time_secrets (expires_at);

-- Failures and code requests, counted before the deed, by keyed hash of account and address.
create table throttles (
  bucket bytea primary key,
  count integer not null,
  window_started_at timestamptz not null,
  blocked_until timestamptz
);
create index throttles_age on throttles (window_started_at);

-- From where somebody has proven to be the owner of an account: a keyed hash of e-mail and network address, never in
-- clear. Guessing elsewhere does not slow these down.
create table known_sources (
  source_hash bytea primary key,
  user_id uuid not null references users (user_id),
  last_seen_at timestamptz not null
);
create index known_sources_by_user on known_sources (user_id);
create index known_sources_age on known_sources (last_seen_at);

-- The authorization server's own records: log-ins (Grants), refresh tokens and the like. Ids are keyed hashes, so that
-- whoever reads or writes this table can neither present a token nor plant one.
create table oidc_records (
  model text not null,
  id_hash bytea not null,
  payload jsonb not null,
  -- The log-in that the record belongs to; a Grant carries its own id here.
  grant_id text,
  -- The person whose log-in it is, so that blocking and erasing end it.
  user_id uuid,
  uid_hash bytea,
  expires_at timestamptz,
  consumed_at timestamptz,
  primary key (model, id_hash)
);
create index oidc_records_by_grant on oidc_records (grant_id) where grant_id is not null;
-- Asked for every request with a token: is this log-in still there?
create unique index oidc_records_grants on oidc_records (grant_id) include (expires_at) where model = 'Grant';
create index oidc_records_by_user on oidc_records (user_id) where user_id is not null;
create index oidc_records_by_uid on oidc_records (uid_hash) where uid_hash is not null;
create index oidc_records_expiry on oidc_records (expires_at);
