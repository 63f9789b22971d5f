import { type Static, Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";
import { pcxStatuses } from "../lifecycle/index.ts";
import { memberRoleSchema } from "../organisations/index.ts";
import {
  countrySchema,
  dateSchema,
  documentNumberSchema,
  idTypeSchema,
  lineSchema,
  nameSchema,
  phoneSchema,
  roleSchema,
  typeSchema,
  uuidSchema,
} from "../users/index.ts";

/** The HTML standard's form of an address, with a dot in the domain; spaces around it are trimmed by the server. */
const emailPattern =
  "^\\s*[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\s*$";

export const emailSchema = Type.String({
  minLength: 6,
  maxLength: 254,
  pattern: emailPattern,
  description: "an e-mail address",
});

/** The address as it is stored, compared and hashed. */
export function readEmail(email: string): string {
  return email.trim().toLowerCase();
}

const newPassword = Type.String({
  minLength: 8,
  maxLength: 512,
  description: "8 to 128 characters; common passwords are refused.",
});
const givenPassword = Type.String({ minLength: 1, maxLength: 512 });
const code = Type.String({
  pattern: "^\\s*[0-9]{6}\\s*$",
  maxLength: 20,
  description: "the six digits from the message",
});
const token = Type.String({ minLength: 1, maxLength: 4096 });

/** `POST /users/register` with a password. Fields for operators are here, too: they are refused to others, not dropped. */
export const registrationSchema = closed({
  email: emailSchema,
  fname: nameSchema,
  lname: nameSchema,
  password: newPassword,
  date_of_birth: Type.Optional(dateSchema),
  phone_number: Type.Optional(phoneSchema),
  address: Type.Optional(lineSchema),
  country: Type.Optional(countrySchema),
  id_type: Type.Optional(idTypeSchema),
  id_number: Type.Optional(documentNumberSchema),
  additional_id_type: Type.Optional(idTypeSchema),
  additional_id_number: Type.Optional(documentNumberSchema),
  org_id: Type.Optional(uuidSchema),
  org_name: Type.Optional(nameSchema),
  org_member_role: Type.Optional(memberRoleSchema),
  invited_by_user_id: Type.Optional(uuidSchema),
  role: Type.Optional(roleSchema),
  type: Type.Optional(typeSchema),
  created_by: Type.Optional(uuidSchema),
});

export type RegistrationBody = Static<typeof registrationSchema>;

export const confirmSchema = closed({ email: emailSchema, confirmation_code: code });
export const emailOnlySchema = closed({ email: emailSchema });
export const logInSchema = closed({ email: emailSchema, password: givenPassword });
export const refreshSchema = closed({ refreshToken: token });
export const logOutSchema = closed({
  refreshToken: Type.Optional(token),
  everywhere: Type.Optional(Type.Boolean({ description: "End every log-in of this person, not only this one." })),
});
export const resetSchema = closed({ email: emailSchema, confirmation_code: code, new_password: newPassword });
export const loginLinkSchema = closed({ token: Type.String({ minLength: 1, maxLength: 200 }) });

export const messageSchema = closed({ message: Type.String() });

export const tokensSchema = closed({
  accessToken: Type.String({ description: "A JWT of RFC 9068; send it as `Authorization: Bearer …`." }),
  refreshToken: Type.String({ description: "Counts once, at POST /auth/refresh." }),
  tokenType: oneOf(["Bearer"]),
  expiresIn: Type.Integer({ description: "Seconds that the access token lives." }),
});

export const meSchema = closed({
  id: Type.Integer(),
  userId: Type.String(),
  firstname: nullable(Type.String()),
  lastname: nullable(Type.String()),
  email: nullable(Type.String()),
  accountType: oneOf(["standard", "arbitrator"]),
  walletAddress: nullable(Type.String()),
  profileComplete: Type.Boolean(),
  status: oneOf(pcxStatuses),
});
