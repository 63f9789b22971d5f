-- What a provider is told of a person, from before the first call until their session is stored: sent again byte for byte
-- under the same key, so that a repeat makes no second customer.
create table kyc_introductions (
  user_id uuid not null references users (user_id),
  provider text not null,
  idempotency_key text not null unique,
  -- The exact body, sealed with the person's key.
  body_sealed text not null,
  first_sent_at timestamptz not null,
  primary key (user_id, provider)
);

-- Further ids by which a provider's deliveries name a session: a KYC link's, before its customer is known.
create table kyc_session_names (
  provider text not null,
  name text not null,
  session_id uuid not null references kyc_sessions (session_id),
  primary key (provider, name)
);
create index kyc_session_names_by_session on kyc_session_names (session_id);
