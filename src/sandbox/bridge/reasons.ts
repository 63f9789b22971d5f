/** Pairs of reasons as Bridge's "Rejection reasons" page has them: what integrators see, and what people may be told. */
export const rejectionReasons: readonly { developer_reason: string; reason: string }[] = [
  { developer_reason: "ID cannot be verified against third-party databases", reason: "Your information could not be verified" },
  { developer_reason: "Electronic replica detected.", reason: "Your information could not be verified" },
  { developer_reason: "Likely fabrication detected.", reason: "Your information could not be verified" },
  { developer_reason: "Missing required ID details.", reason: "Cannot validate ID -- upload a clear photo of the full ID" },
  { developer_reason: "Submission is blurry.", reason: "Cannot validate ID - upload photo of ID is clear" },
  { developer_reason: "ID from disallowed country.", reason: "Cannot accept provided ID" },
  { developer_reason: "ID is expired.", reason: "ID is expired." },
  { developer_reason: "No government ID found in submission.", reason: "No government ID found in submission." },
]; // biome-ignore format: a table reads best in lines
