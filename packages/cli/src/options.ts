import type { OptionValues } from "./command.ts";

/** The text of an option, or `undefined` when it was not given. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** The value of an option that has choices; the command line has refused others before. */
export function choiceOption<T extends string>(options: OptionValues, name: string, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === options[name]);
}

/** True when a flag was given. */
export function flagOption(options: OptionValues, name: string): boolean {
  return options[name] === true;
}

/** The values of an option that may repeat. */
export function listOption(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? [value] : [];
}

/** The number of an option; what is no number goes on to the operation, whose schema refuses it by name. */
export function numberOption(options: OptionValues, name: string): number | undefined {
  const value = options[name];
  return typeof value === "string" ? Number(value) : undefined;
}

/** Leaves out members that are `undefined`, as inputs of operations want them. */
export function given<T extends object>(members: { readonly [Key in keyof T]: T[Key] | undefined }): {
  [Key in keyof T]?: Exclude<T[Key], undefined>;
} {
  const told = Object.fromEntries(Object.entries(members).filter((entry) => entry[1] !== undefined));
  // oxlint-disable-next-line typescript/consistent-type-assertions -- only undefined members were taken away
  return told as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}

/** The error of a call that makes no sense before any operation is asked; the library is loaded for it alone. */
export async function wrongCall(where: string, problem: string): Promise<Error> {
  const { TilthError } = await import("@tilth/core");
  return new TilthError("input/invalid", { where, problem });
}
