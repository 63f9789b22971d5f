-- One attempt with one provider.
create table kyc_sessions (
  session_id uuid primary key,
  user_id uuid not null references users (user_id),
  provider text not null,
  purpose text not null check (purpose in ('required', 'optional')),
  -- reserved: we are about to ask the provider. The others are the words of eKYC clients.
  state text not null check (state in ('reserved', 'created', 'started', 'submitted', 'success', 'rejected', 'expired')),
  provider_session_id text,
  -- The newest decision in our words, and the provider's own word for where the session stands.
  verdict text,
  provider_status text,
  -- The person's page at the provider and its token: bearer secrets, sealed with the person's key.
  link_sealed text,
  requested_by text not null,
  original_request jsonb not null,
  -- Keyed hashes of the Idempotency-Key and of the request that made this session.
  request_key bytea,
  request_digest bytea,
  reason text,
  reason_code text,
  -- Text, to keep the provider's microseconds: newest wins by exact comparison of instants.
  decision_time text,
  -- When a newer session of the same purpose took its place.
  superseded_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider, provider_session_id),
  check ((state = 'reserved') = (provider_session_id is null))
);
create unique index kyc_sessions_one_current on kyc_sessions (user_id, provider, purpose)
  where superseded_at is null and state <> 'reserved';
create unique index kyc_sessions_one_reserved on kyc_sessions (user_id, provider, purpose) where state = 'reserved';
create unique index kyc_sessions_by_request_key on kyc_sessions (request_key) where request_key is not null;
create index kyc_sessions_by_user on kyc_sessions (user_id, created_at desc, session_id desc);

-- Every delivery, for ever: raw, with its verdict and effect.
create table webhook_deliveries (
  delivery_id uuid primary key,
  provider text not null,
  received_at timestamptz not null,
  -- SHA-256 of the raw body: an exact repeat has no second effect.
  content_hash bytea not null check (octet_length(content_hash) = 32),
  signature text not null check (signature in ('valid', 'invalid', 'missing')),
  headers jsonb not null,
  -- Null where nothing may be kept: of an erased person, or of an unsigned body that is too large.
  raw_sealed text,
  -- Whose key sealed it: a person's, or null for the platform's.
  sealed_for uuid,
  kind text,
  provider_session_id text,
  session_id uuid references kyc_sessions (session_id),
  user_id uuid references users (user_id),
  outcome text not null check (outcome in ('applied', 'no-change', 'session-only', 'unmatched', 'foreign-subject',
    'contradictory', 'unknown', 'unreadable', 'refused', 'subject-erased')),
  -- For an operator, in our words; never a person's data.
  detail text,
  applied_at timestamptz,
  repeats integer not null default 0,
  last_received_at timestamptz not null,
  unique (provider, signature, content_hash)
);
create index webhook_deliveries_newest on webhook_deliveries (received_at desc, delivery_id desc);
create index webhook_deliveries_unmatched on webhook_deliveries (provider, provider_session_id) where outcome = 'unmatched';

-- What each accepted delivery told us of a session, in our words: the session's state is a function of this set.
create table kyc_observations (
  observation_id uuid primary key,
  delivery_id uuid unique references webhook_deliveries (delivery_id),
  session_id uuid not null references kyc_sessions (session_id),
  kind text not null check (kind in ('started', 'submitted', 'decision')),
  attempt_id text,
  verdict text,
  provider_status text not null,
  reason text,
  reason_code text,
  decision_time text,
  observed_at timestamptz not null,
  check ((kind = 'decision') = (verdict is not null))
);
create index kyc_observations_by_session on kyc_observations (session_id);
