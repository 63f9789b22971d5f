import {
  adminCreateUser,
  adminDeleteUser,
  adminDisableUser,
  adminEnableUser,
  adminGetUser,
  adminSetUserPassword,
  adminUserGlobalSignOut,
} from "./admin-operations.ts";
import { describeUserPool, describeUserPoolClient } from "./describe-operations.ts";
import type { Operation } from "./pool.ts";
import { getTokensFromRefreshToken, getUser, globalSignOut, initiateAuth, revokeToken } from "./sign-in-operations.ts";
import {
  confirmForgotPassword,
  confirmSignUp,
  forgotPassword,
  resendConfirmationCode,
  signUp,
} from "./sign-up-operations.ts";

/** The quota that an operation counts towards. */
export type QuotaCategory = "userCreation" | "userAuthentication";

type Entry = {
  run: Operation;
  /** Needs AWS credentials: a SigV4 signature must be there; it is not checked. */
  signed?: true;
  quota?: QuotaCategory;
};

/** Every operation the double knows. */
// biome-ignore format: a table reads best aligned
export const operations: Readonly<Record<string, Entry>> = {
  SignUp:                    { run: signUp,                    quota: "userCreation" },
  ConfirmSignUp:             { run: confirmSignUp,             quota: "userCreation" },
  ResendConfirmationCode:    { run: resendConfirmationCode,    quota: "userCreation" },
  InitiateAuth:              { run: initiateAuth,              quota: "userAuthentication" },
  GetTokensFromRefreshToken: { run: getTokensFromRefreshToken, quota: "userAuthentication" },
  RevokeToken:               { run: revokeToken },
  GlobalSignOut:             { run: globalSignOut },
  GetUser:                   { run: getUser },
  ForgotPassword:            { run: forgotPassword },
  ConfirmForgotPassword:     { run: confirmForgotPassword },
  AdminCreateUser:           { run: adminCreateUser,           signed: true },
  AdminSetUserPassword:      { run: adminSetUserPassword,      signed: true },
  AdminGetUser:              { run: adminGetUser,              signed: true },
  AdminDisableUser:          { run: adminDisableUser,          signed: true },
  AdminEnableUser:           { run: adminEnableUser,           signed: true },
  AdminUserGlobalSignOut:    { run: adminUserGlobalSignOut,    signed: true },
  AdminDeleteUser:           { run: adminDeleteUser,           signed: true },
  DescribeUserPool:          { run: describeUserPool,          signed: true },
  DescribeUserPoolClient:    { run: describeUserPoolClient,    signed: true },
};
