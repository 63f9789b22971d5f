import {
  type GateCode,
  type transitions as table,
  toGateCode,
  toPcxStatus,
  type UserStatus,
} from "../../src/features/lifecycle/index.ts";
import { generatedNote, markdownTable } from "./markdown-table.ts";

type Transition = (typeof table)[number];

/** The gate's own names for its codes. */
const gateNames: Record<GateCode, string> = {
  50: "Registered",
  150: "Pending Verification",
  200: "Active",
  300: "Deactivated",
  350: "Closed",
  400: "Blocked",
};

/** The page of the lifecycle: two diagrams, the table of moves, and how other systems read the states. */
export function describeLifecycle(transitions: readonly Transition[], statuses: readonly UserStatus[]): string {
  const endings = statuses.filter((status) => isEnding(transitions, status));
  const [away, along] = partition(transitions, ([from, , to]) =>
    endings.some((status) => status === from || status === to),
  );
  return `${generatedNote}

# The lifecycle of a user

A user is always in exactly one of ${statuses.length} states. The legal moves are one table,
\`src/features/lifecycle/transitions.ts\`; everything else is refused with 409
([\`illegal-move\`](errors/illegal-move.md)), except that a provider's verdict which fits no line is recorded and moves
nothing. Each move writes its journal entry in the same transaction.

## From sign-up to verified

${fence(drawMoves(along))}

## Taking access away, and giving it back

A box with several names stands for each of them. "held before" is the state that deactivation or blocking interrupted.

${fence(drawGroups(away, statuses))}

## Every legal move

A provider lifts only what the same provider brought about: its own rejection, its own block.

${markdownTable(
  ["from", "event", "to", "by"],
  transitions.map(([from, event, to, by]) => [from, event, to, by.join(", ")]),
)}

${describeProjections(statuses)}`;
}

/** Whether a state takes access away: it interrupts another one, or nothing leads out of it. */
function isEnding(transitions: readonly Transition[], status: UserStatus): boolean {
  const ways = transitions.filter(([from]) => from === status);
  return ways.length === 0 || ways.some(([, , to]) => to === "(held before)");
}

function partition<Item>(items: readonly Item[], first: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(first), items.filter((item) => !first(item))];
}

const fence = (lines: readonly string[]) =>
  ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");

/** One arrow for each pair of states, with all its events. */
function drawMoves(transitions: readonly Transition[]): string[] {
  const arrows = Map.groupBy(transitions, ([from, , to]) => `${from} --> ${to}`);
  return [
    "[*] --> pending",
    ...[...arrows].map(([arrow, moves]) => `${arrow}: ${moves.map(([, event]) => event).join(", ")}`),
  ];
}

/** One arrow for each event and destination, from one box with all its origins. */
function drawGroups(transitions: readonly Transition[], statuses: readonly UserStatus[]): string[] {
  const boxes = new Map<string, string>();
  const arrows = [...Map.groupBy(transitions, ([, event, to]) => `${to}: ${event}`)].map(([head, moves]) => {
    const origins = statuses.filter((status) => moves.some(([from]) => from === status));
    return `${boxOf(boxes, origins)} --> ${head.replace("(held before)", "held_before")}`;
  });
  return [
    'state "held before" as held_before',
    ...[...boxes].map(([label, name]) => `state "${label}" as ${name}`),
    ...arrows,
  ];
}

function boxOf(boxes: Map<string, string>, origins: readonly UserStatus[]): string {
  const [only] = origins;
  if (only && origins.length === 1) return only;
  const label = origins.join(", ");
  const name = boxes.get(label) ?? `group_${boxes.size + 1}`;
  boxes.set(label, name);
  return name;
}

function describeProjections(statuses: readonly UserStatus[]): string {
  const rows = statuses.map((status) => {
    const code = toGateCode(status);
    return [status, toPcxStatus(status), `${code} ${gateNames[code]}`, code === 200 ? "yes" : "no"];
  });
  return `## Four projections

Four families of clients read one machine, each in its own words. Two read the state itself:

${markdownTable(["state (`lifecycle`)", "PCX `status`", "10nPay gate", "may proceed"], rows)}

PCX knows seven words: closed and blocked users show as \`inactive\` in \`status\`, and the full word stands beside it in
\`lifecycle\`. At the gate, a word that is not in this table counts as blocked: only \`active\` ever answers 200.

Two read what belongs to the user:

- **Klustr** (\`GET /ekyc/me/status\`) reads the eKYC sessions: \`created\`, \`started\`, \`submitted\`, \`success\`, \`rejected\`,
  \`expired\`. A request to resubmit shows as \`started\`, a review as \`submitted\`, an abandoned session as \`expired\`.
- **PAYCIFI** (\`GET /auth/me\`) reads \`accountType\` and \`profileComplete\`, which is true once first name, last name and
  e-mail address are there.
`;
}
