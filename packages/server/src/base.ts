/** Before the paths of all operations. */
export const base = "/api/training-data";
