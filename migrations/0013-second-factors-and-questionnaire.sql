alter table messages drop constraint messages_channel_check;
alter table messages add constraint messages_channel_check check (channel in ('email', 'sms'));

-- What somebody has beside the first proof: an app that shows codes (TOTP), or a passkey. Not active until proven once.
create table second_factors (
  factor_id uuid primary key,
  user_id uuid not null references users (user_id),
  method text not null check (method in ('totp', 'passkey')),
  -- The TOTP secret, sealed with the person's key.
  secret_sealed text,
  -- The time step of the last code that was taken: a code counts once.
  last_step bigint,
  -- A passkey's id (base64url), public key (COSE), use counter and how it is reached.
  credential_id text unique,
  public_key bytea,
  sign_count bigint,
  transports text[],
  created_at timestamptz not null,
  activated_at timestamptz,
  last_used_at timestamptz,
  check ((method = 'totp') = (secret_sealed is not null)),
  check ((method = 'passkey') = (credential_id is not null and public_key is not null and sign_count is not null))
);
create index second_factors_by_user on second_factors (user_id);
create unique index second_factors_one_totp on second_factors (user_id) where method = 'totp' and activated_at is not null;
create unique index second_factors_one_begun on second_factors (user_id) where activated_at is null;

-- For when phone or key are lost: keyed hashes, each counts once.
create table recovery_codes (
  code_hash bytea primary key,
  user_id uuid not null references users (user_id),
  created_at timestamptz not null,
  used_at timestamptz
);
create index recovery_codes_by_user on recovery_codes (user_id);

-- A log-in whose first proof was right and that waits for the second, one a person; its challenge is a one-time secret.
create table begun_log_ins (
  user_id uuid primary key references users (user_id),
  method text not null,
  -- Tokens that an outside pool has issued already, sealed with the person's key until the second proof is there.
  tokens_sealed text,
  -- That pool's name for the log-in.
  foreign_login text,
  begun_at timestamptz not null
);

-- A foreign log-in in which the second factor was proven here: of people who have one, only these count.
alter table foreign_logins add column second_factor boolean not null default false;

-- The risk questionnaire's answers, sealed with the person's key.
create table questionnaire_answers (
  user_id uuid primary key references users (user_id),
  answers_sealed text not null,
  answered_at timestamptz not null
);
