/** An error as Amazon Cognito answers it: HTTP 400 (500 for its own) with `__type` and `message`. */
export class Refusal extends Error {
  readonly type: string;
  readonly httpStatus: number;

  constructor(type: string, message: string, httpStatus = 400) {
    super(message);
    this.name = "Refusal";
    this.type = type;
    this.httpStatus = httpStatus;
  }
}

/** Texts as recalled of the real service; clients should go by the type. */
export const refusals = {
  badPassword: () => new Refusal("NotAuthorizedException", "Incorrect username or password."),
  locked: () => new Refusal("NotAuthorizedException", "Password attempts exceeded"),
  disabled: () => new Refusal("NotAuthorizedException", "User is disabled."),
  unknownUser: () => new Refusal("UserNotFoundException", "User does not exist."),
  unconfirmed: () => new Refusal("UserNotConfirmedException", "User is not confirmed."),
  exists: () => new Refusal("UsernameExistsException", "User already exists"),
  wrongCode: () => new Refusal("CodeMismatchException", "Invalid verification code provided, please try again."),
  expiredCode: () => new Refusal("ExpiredCodeException", "Invalid code provided, please request a code again."),
  tooManyTries: () => new Refusal("TooManyFailedAttemptsException", "Too many failed attempts."),
  limit: () => new Refusal("LimitExceededException", "Attempt limit exceeded, please try after some time."),
  tooFast: () => new Refusal("TooManyRequestsException", "Rate exceeded"),
  delivery: () => new Refusal("CodeDeliveryFailureException", "The verification code could not be delivered."),
  internal: () => new Refusal("InternalErrorException", "Internal error", 500),
  parameter: (message: string) => new Refusal("InvalidParameterException", message),
  refreshRevoked: () => new Refusal("NotAuthorizedException", "Refresh Token has been revoked"),
  refreshUnknown: () => new Refusal("NotAuthorizedException", "Invalid Refresh Token"),
  refreshReused: () => new Refusal("RefreshTokenReuseException", "Refresh token reuse detected"),
  accessRevoked: () => new Refusal("NotAuthorizedException", "Access Token has been revoked"),
  unsigned: () => new Refusal("MissingAuthenticationTokenException", "Missing Authentication Token"),
} as const;
