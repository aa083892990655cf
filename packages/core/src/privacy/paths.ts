import { type Detector, trigger } from "./detector.ts";

/** The user's name in `/Users/name` and `/home/name`; only the name is the value. Home pages of web sites are not taken. */
export const unixHome: Detector = {
  type: "PATH_USER",
  need: trigger.path,
  // Below the score of a web address, which keeps `https://host/home/page` whole.
  base: 0.55,
  pattern:
    /(?:(?<!\.[A-Za-z]{2,24}(?::\d{1,5})?)\/Users|(?<![\w.])\/home|(?<=\/(?:export|var|usr|mnt|nfs))\/home)\/([^\s/\\:*?"'`<>|,;()[\]{}$%&=#]{0,63}[^\s/\\:*?"'`<>|,;()[\]{}$%&=#.!])/g,
  group: 1,
  check: (value) => isPerson(value),
};

/** The user's name in `C:\Users\name`, also with doubled backslashes or slashes, also with blanks where a backslash follows. */
export const windowsHome: Detector = {
  type: "PATH_USER",
  need: trigger.path,
  base: 0.7,
  pattern:
    /\b[A-Za-z]:(?:\\{1,2}|\/)Users(?:\\{1,2}|\/)(?:([^\s/\\:*?"<>|][^/\\:*?"<>|\r\n]{0,63})(?=\\)|([^\s/\\:*?"'`<>|,;()[\]{}$%]{0,63}[^\s/\\:*?"'`<>|,;()[\]{}$%.!]))/g,
  group: 1,
  check: (value) => isPerson(value),
};

/** Accounts that belong to a machine or a manual, not to a person. */
const NOBODY =
  /^(?:shared|public|default|all users|guest|user|users?name|your[-_.]?(?:user)?name|you|name|runner|ubuntu|ec2-user|vagrant|node|jovyan|circleci|travis|runneradmin|administrator)$/i;

function isPerson(value: string): false | undefined {
  return NOBODY.test(value) || /\.(?:html?|php|aspx?|jsp)$/i.test(value) ? false : undefined;
}
