-- Tokens of foreign issuers (Amazon Cognito among them) do not know when their log-in was ended here. Log-ins that are
-- not younger than this moment count no more.
alter table identities add column tokens_not_before timestamptz;

-- Log-ins at foreign issuers about which more is known than that moment: ended ones, and live ones that began within
-- the same second in which all earlier ones were ended.
create table foreign_logins (
  -- issuer#log-in
  login text primary key,
  user_id uuid not null references users (user_id),
  ended boolean not null,
  forget_at timestamptz not null
);
create index foreign_logins_by_user on foreign_logins (user_id);
create index foreign_logins_forget on foreign_logins (forget_at);

-- Registrations between the moment before an account is made in an outside pool and the commit of our own
-- transaction. What stays here longer was interrupted, and is completed or forgotten by the repair.
create table pool_sign_ups (
  -- The id that the user gets.
  user_id uuid primary key,
  email_hash bytea not null unique,
  -- The registration, sealed with the platform's key, without the password.
  sealed text not null,
  -- 'open': under way · 'in doubt': the pool's answer got lost · 'abandoned': ours failed, the account is to be deleted.
  state text not null default 'open' check (state in ('open', 'in doubt', 'abandoned')),
  -- The account to delete.
  subject text,
  started_at timestamptz not null,
  -- When the repair last looked at it.
  tried_at timestamptz
);
create index pool_sign_ups_age on pool_sign_ups (started_at);
