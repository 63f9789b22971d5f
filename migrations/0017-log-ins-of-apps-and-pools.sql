-- Deleting an app ends the log-ins that people gave it. Those of our own client, nearly all there are, stay out of it.
create index oidc_records_by_app on oidc_records ((payload ->> 'clientId')) where payload ->> 'clientId' <> 'usher';

-- Until when a log-in with a second factor stands without being used. Null for those that began under an earlier version.
alter table foreign_logins add column idle_until timestamptz;

-- Refresh tokens of an outside pool that were exchanged for others. One that comes again was stolen, or its heir was.
create table used_pool_tokens (
  token_hash bytea primary key,
  -- issuer#log-in
  login text not null,
  user_id uuid not null references users (user_id),
  forget_at timestamptz not null
);
create index used_pool_tokens_by_user on used_pool_tokens (user_id);
create index used_pool_tokens_forget on used_pool_tokens (forget_at);

-- Accounts of erased people that the outside pool still has to delete: whoever logs in with one meanwhile is nobody's.
create table leaving_pool_accounts (
  subject text primary key,
  since timestamptz not null default now()
);
