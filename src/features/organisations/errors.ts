import { declareError } from "../../foundation/errors/index.ts";

export const organisationNotFound = declareError({
  code: "organisation-not-found",
  status: 404,
  title: "There is no such organisation",
  remedy: "Check the id.",
});

export const alreadyMember = declareError({
  code: "already-a-member",
  status: 409,
  title: "The user already belongs to this organisation",
  remedy: "Change the member's role with PUT instead.",
});

export const memberNotFound = declareError({
  code: "member-not-found",
  status: 404,
  title: "The user does not belong to this organisation",
  remedy: "List the organisation's members.",
});

export const lastAdmin = declareError({
  code: "last-organisation-admin",
  status: 409,
  title: "An organisation keeps at least one admin",
  remedy: "Make another member admin first.",
});
