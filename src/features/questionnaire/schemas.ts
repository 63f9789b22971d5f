import { type Static, Type } from "typebox";
import { closed, oneOf } from "../../foundation/http/index.ts";
import { countrySchema } from "../users/index.ts";
import { type CodeListName, codeLists } from "./code-lists.ts";

const choices = (name: CodeListName) =>
  Type.Array(closed({ label: Type.String(), value: Type.String() }), { examples: [codeLists[name]] });

/** `GET /questionnaire`. */
export const questionnaireSchema = closed({
  accountPurpose: choices("accountPurpose"),
  mainActivity: choices("mainActivity"),
  sourceOfFunds: choices("sourceOfFunds"),
  financingMethod: choices("financingMethod"),
});

const codeOf = (name: CodeListName) =>
  oneOf(
    codeLists[name].map(({ value }) => value),
    { description: `a value of \`${name}\` at GET /questionnaire` },
  );

const taxResidence = closed({
  country: countrySchema,
  taxNumber: Type.Optional(
    Type.String({
      minLength: 2,
      maxLength: 40,
      pattern: "^[A-Za-z0-9][A-Za-z0-9 ./-]*$",
      description: "letters, digits, spaces, and - / .",
    }),
  ),
});

/** `PUT /users/{user_id}/additional-data`: the whole questionnaire, every time. */
export const answersSchema = closed(
  {
    accountPurposeCode: codeOf("accountPurpose"),
    mainActivityCode: codeOf("mainActivity"),
    sourceOfFundId: codeOf("sourceOfFunds"),
    financingMethodCode: codeOf("financingMethod"),
    taxResidences: Type.Array(taxResidence, { minItems: 1, maxItems: 10 }),
  },
  {
    examples: [
      {
        accountPurposeCode: "2",
        mainActivityCode: "1",
        sourceOfFundId: "2",
        financingMethodCode: "1",
        taxResidences: [{ country: "NG", taxNumber: "12345678-0001" }],
      },
    ],
  },
);

export type Answers = Static<typeof answersSchema>;
