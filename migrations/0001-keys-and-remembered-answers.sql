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
  expires_at timestamptz not null
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);
