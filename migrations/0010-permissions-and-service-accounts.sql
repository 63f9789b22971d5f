-- What a person may do beyond their role and type; given by an internal-admin, one exact word each.
alter table users add column permissions text[] not null default '{}';

-- A program that calls the API: an OIDC client with permissions of its own.
create table service_accounts (
  client_id text primary key,
  name text not null,
  -- Keyed hash of the secret; null where the account proves itself with a key of its own (private_key_jwt).
  secret_hash bytea,
  public_jwk jsonb,
  -- Counts the secrets and keys it has had. Tokens carry the number, and count only as long as it is the present one.
  credential integer not null default 1,
  permissions text[] not null,
  -- To where the browser of a person may return whose verification this account starts; beside CALLBACK_ORIGINS.
  callback_origins text[] not null default '{}',
  -- Where an app of its own gets the codes of people who let it act for them (OAuth 2.1, authorization code).
  redirect_uris text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((secret_hash is null) <> (public_jwk is null))
);

-- From when on a key signs. It is published before, so that whoever checks tokens knows it when the first one comes.
alter table signing_keys add column signs_from timestamptz;
update signing_keys set signs_from = created_at;
alter table signing_keys alter column signs_from set not null;
