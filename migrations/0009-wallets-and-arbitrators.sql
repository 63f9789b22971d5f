-- A wallet is an identity: issuer 'eip155', subject the address in lower case, so that one wallet belongs to one user.
alter table identities
  -- In the mixed case of EIP-55, as it is shown.
  add column wallet_address text,
  -- The chain on which a contract wallet was asked; null where a key signed, which is the same on every chain.
  add column wallet_chain_id bigint,
  add column wallet_primary boolean not null default false,
  add check ((provider = 'wallet') = (wallet_address is not null)),
  add check (wallet_address is null or (issuer = 'eip155' and subject = lower(wallet_address) and subject ~ '^0x[0-9a-f]{40}$')),
  add check (wallet_address is not null or (wallet_chain_id is null and not wallet_primary));
create unique index identities_one_primary_wallet on identities (user_id) where wallet_primary;

-- Nonces that a wallet has signed: each counts once. Unused ones are nowhere kept, they carry our signature.
create table used_wallet_nonces (
  nonce text primary key,
  used_at timestamptz not null,
  expires_at timestamptz not null
);
create index used_wallet_nonces_expiry on used_wallet_nonces (expires_at);

alter table users
  add column website text,
  add column additional_info text,
  -- When the wallet API's profile was completed for the first time: the moment of the welcome mail.
  add column profile_completed_at timestamptz;
create index users_full_name on users (lower(fname || ' ' || lname));

-- Who offers to arbitrate. Only an operator's due diligence makes an entry verified.
create table arbitrators (
  user_id uuid primary key references users (user_id),
  verification text not null default 'external' check (verification in ('external', 'verified')),
  verified_at timestamptz,
  verified_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((verification = 'verified') = (verified_at is not null and verified_by is not null))
);
create index arbitrators_verified on arbitrators (verified_at desc, user_id) where verification = 'verified';
