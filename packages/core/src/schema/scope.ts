/** What a caller may do; roles are sets of these. */
export const scopes = [
  "training_data:read",
  "training_data:write",
  "training_data:delete",
  "training_data:review",
  "training_data:admin",
] as const;

export type Scope = (typeof scopes)[number];

/** What a person is to a workspace, from the least to the most. */
export const roles = ["viewer", "reviewer", "editor", "admin"] as const;

export type Role = (typeof roles)[number];

/** The scopes of each role. What an editor deletes lies in the trash; what is gone for good is an admin's. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ["training_data:read"],
  reviewer: ["training_data:read", "training_data:review"],
  editor: ["training_data:read", "training_data:write", "training_data:review", "training_data:delete"],
  admin: scopes,
};
