/** The first thing that is wrong. */
export type FirstBad = {
  /** Place in the tree, from 0; null for an entry that is not sealed, or a fault outside the database. */
  position: number | null;
  /** Where only a checkpoint shows that something in a range was altered: the range's last position. */
  toPosition?: number;
  /** Null when neither is known any more, because the row is gone. */
  seq: string | null;
  entryId: string | null;
  /** Whole sentences. */
  what: string;
};
