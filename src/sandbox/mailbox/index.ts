export { mailboxPage } from "./mailbox-page.ts";
export type { Message } from "./message.ts";
export { registerMailboxPages } from "./register-mailbox-pages.ts";
export { type Mailbox, startMailbox } from "./start-mailbox.ts";
