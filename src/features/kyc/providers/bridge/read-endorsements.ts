import { type Fields, fieldsOf, textOf } from "../read-fields.ts";

/**
 * The customer's endorsements in a sentence for operators, or nothing where there are none. A customer may be active and
 * still have no rail open: Bridge advises to look at both.
 */
export function describeEndorsements(customer: Fields, isApproved: boolean): string[] {
  const { endorsements } = customer;
  if (!Array.isArray(endorsements)) return [];
  const told = endorsements
    .slice(0, 20)
    .map((entry: unknown) => fieldsOf(entry))
    .map((entry) => ({ name: textOf(entry?.name, 40), status: textOf(entry?.status, 40) }))
    .filter(({ name, status }) => isWord(name) && isWord(status));
  const list = told.map(({ name, status }) => `${name} ${status}`).join(", ");
  const open = told.some(({ status }) => status === "approved");
  return [
    ...(list ? [`Endorsements: ${list}.`] : []),
    ...(isApproved && !open ? ["The customer is active, but no endorsement is approved: no rail is open."] : []),
  ];
}

const isWord = (text: string | null) => text !== null && /^[a-z0-9_]+$/.test(text);
