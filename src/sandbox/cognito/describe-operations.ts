import type { Operation } from "./pool.ts";
import { requirePool, textOf } from "./read-body.ts";
import { Refusal } from "./refusal.ts";

export const describeUserPool: Operation = (pool, body) => {
  requirePool(pool, body);
  const { settings, store } = pool;
  return {
    UserPool: {
      Id: store.identity.userPoolId,
      Name: "usher-double",
      UsernameAttributes: ["email"],
      AutoVerifiedAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      MfaConfiguration: "OFF",
      DeletionProtection: "ACTIVE",
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
      LambdaConfig: {},
      Policies: {
        PasswordPolicy: { MinimumLength: settings.minimumPasswordLength, RequireNumbers: settings.requireNumbers },
      },
    },
  };
};

export const describeUserPoolClient: Operation = (pool, body) => {
  requirePool(pool, body);
  const { settings, store } = pool;
  const { clientId, clientSecret, userPoolId } = store.identity;
  const given = textOf(body, "ClientId");
  if (given !== clientId) throw new Refusal("ResourceNotFoundException", `User pool client ${given} does not exist.`);
  return {
    UserPoolClient: {
      UserPoolId: userPoolId,
      ClientName: "usher",
      ClientId: clientId,
      ClientSecret: clientSecret,
      PreventUserExistenceErrors: settings.preventUserExistenceErrors,
      EnableTokenRevocation: true,
      ExplicitAuthFlows: [
        "ALLOW_USER_PASSWORD_AUTH",
        ...(settings.refreshTokenRotation ? [] : ["ALLOW_REFRESH_TOKEN_AUTH"]),
      ],
      RefreshTokenRotation: { Feature: settings.refreshTokenRotation ? "ENABLED" : "DISABLED" },
      AccessTokenValidity: settings.accessTokenSeconds,
      RefreshTokenValidity: settings.refreshTokenSeconds,
      TokenValidityUnits: { AccessToken: "seconds", IdToken: "seconds", RefreshToken: "seconds" },
    },
  };
};
