/** One choice: the code that is sent and stored, and what it says. */
export type Choice = { label: string; value: string };

const list = (...labels: string[]): Choice[] => labels.map((label, index) => ({ label, value: String(index + 1) }));

/**
 * The code lists of 10nPay's risk questionnaire. Codes are never given to another meaning: a choice may be added at the
 * end. Clients read them at `GET /questionnaire` and do not hard-code them.
 */
export const codeLists = {
  accountPurpose: list(
    "Currency exchange",
    "Domestic transfers",
    "Transfers within the EEA",
    "Transfers outside the EEA",
    "Holding funds",
  ),
  mainActivity: list("Employed", "Self-employed", "Retired", "Unemployed", "Student", "Individual investor"),
  sourceOfFunds: list(
    "Savings",
    "Employment",
    "Business",
    "Pension",
    "Scholarship",
    "Inheritance",
    "Donation",
    "Benefits",
    "Rent",
    "Trade deal",
    "Sales",
    "Distribution",
    "Investment income",
  ),
  financingMethod: list(
    "Wire transfer from an own account",
    "Wire transfer from a joint or third-party account",
    "Card",
  ),
} as const satisfies Record<string, Choice[]>;

export type CodeListName = keyof typeof codeLists;
