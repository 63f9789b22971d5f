-- Keys that sign tokens and journal checkpoints; the private part rests sealed under the master key.
create table signing_keys (
  kid text primary key,
  use text not null check (use in ('tokens', 'checkpoints')),
  private_jwk text not null,
  created_at timestamptz not null,
  retired_at timestamptz
);

-- First answers, kept sealed for repeats with the same Idempotency-Key.
create table idempotency_keys (
  key_hash bytea primary key,
  request_hash bytea not null,
  answer text,
  -- Whose personal data the answer holds, so that erasing them takes it away.
  about_user uuid,
  expires_at timestamptz not null
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);
create index idempotency_keys_about on idempotency_keys (about_user) where about_user is not null;
