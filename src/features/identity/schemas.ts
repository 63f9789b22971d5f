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
  maxLength: 254,
  pattern: emailPattern,
  description: "an e-mail address",
  examples: ["ada@example.com"],
});

/** The address as it is stored, compared and hashed. */
export function readEmail(email: string): string {
  return email.trim().toLowerCase();
}

const newPassword = Type.String({
  minLength: 8,
  maxLength: 512,
  description: "8 to 128 characters; common passwords are refused.",
  examples: ["correct horse battery staple"],
});
const givenPassword = Type.String({ minLength: 1, maxLength: 512, examples: ["correct horse battery staple"] });
export const codeSchema = Type.String({
  pattern: "^\\s*[0-9]{6}\\s*$",
  maxLength: 20,
  description: "the six digits from the message",
  examples: ["042917"],
});
const refreshToken = "b1q9Zr6vYt0mS4hXc2KpWn8dLe3fGa7uJo5iRxTyVzQ";
const token = Type.String({ minLength: 1, maxLength: 4096, examples: [refreshToken] });

/** `POST /users/register` with a password. Fields for operators are here, too: they are refused to others, not dropped. */
export const registrationSchema = closed(
  {
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
  },
  {
    examples: [
      {
        email: "ada@example.com",
        fname: "Ada",
        lname: "Okafor",
        password: "correct horse battery staple",
        date_of_birth: "1990-05-17",
        phone_number: "+2348031234567",
        country: "NG",
      },
    ],
  },
);

export type RegistrationBody = Static<typeof registrationSchema>;

export const confirmSchema = closed({ email: emailSchema, confirmation_code: codeSchema });
export const emailOnlySchema = closed({ email: emailSchema });
export const logInSchema = closed({ email: emailSchema, password: givenPassword });
export const refreshSchema = closed({ refreshToken: token });
export const logOutSchema = closed({
  refreshToken: Type.Optional(token),
  everywhere: Type.Optional(Type.Boolean({ description: "End every log-in of this person, not only this one." })),
});
export const resetSchema = closed({ email: emailSchema, confirmation_code: codeSchema, new_password: newPassword });
export const loginLinkSchema = closed({
  token: Type.String({
    minLength: 1,
    maxLength: 200,
    examples: [`0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90.${refreshToken}`],
  }),
});

/** An answer in words; the words are the example. */
export const messageSchema = (words: string) => closed({ message: Type.String({ examples: [words] }) });

export const tokensSchema = closed({
  accessToken: Type.String({
    description: "A JWT of RFC 9068; send it as `Authorization: Bearer …`.",
    examples: ["eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk5ZDNhMSJ9.c2lnbmF0dXJl"],
  }),
  refreshToken: Type.String({ description: "Counts once, at POST /auth/refresh.", examples: [refreshToken] }),
  tokenType: oneOf(["Bearer"]),
  expiresIn: Type.Integer({ description: "Seconds that the access token lives.", examples: [900] }),
});

export const meSchema = closed(
  {
    id: Type.Integer(),
    userId: Type.String(),
    firstname: nullable(Type.String()),
    lastname: nullable(Type.String()),
    email: nullable(Type.String()),
    accountType: oneOf(["standard", "arbitrator"]),
    walletAddress: nullable(Type.String()),
    profileComplete: Type.Boolean(),
    status: oneOf(pcxStatuses),
  },
  {
    examples: [
      {
        id: 1042,
        userId: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        firstname: "Ada",
        lastname: "Okafor",
        email: "ada@example.com",
        accountType: "standard",
        walletAddress: null,
        profileComplete: true,
        status: "not_verified",
      },
    ],
  },
);
