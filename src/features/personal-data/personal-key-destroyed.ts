/**
 * The person's key was destroyed: what was sealed with it cannot be read again, by anyone. Not an answer to the outside;
 * the use case decides what a missing value means there.
 */
export class PersonalKeyDestroyed extends Error {
  readonly code = "personal-key-destroyed";

  constructor() {
    super("The person has no live key: it was destroyed, and what was sealed with it cannot be read again.");
    this.name = "PersonalKeyDestroyed";
  }
}
