import { type FindingKind, type FindingRule, findingRules } from "./finding-rules.ts";

/** Where something was found. */
export interface Place {
  /** A file below the dataset's folder, or what else is concerned, such as a class. */
  readonly file: string;
  /** The particulars, such as both sizes; empty for none. */
  readonly detail: string;
  /** The other file that is concerned, such as the picture that this one equals. */
  readonly other?: string;
}

/** One thing found in one place. */
export interface Found extends Place {
  readonly kind: FindingKind;
  /** What to do here, where it is more than what the table says. */
  readonly remedy?: string;
}

/** All places of one kind of finding. */
export interface Finding extends FindingRule {
  /** Its name, such as "missing-mask". */
  readonly kind: FindingKind;
  /** Where it was found, at least one place. */
  readonly places: readonly Place[];
}

/** What was found, by kind, in the order of the table. */
export function gatherFindings(found: readonly Found[]): Finding[] {
  const byKind = new Map<FindingKind, Found[]>();
  for (const each of found) {
    const here = byKind.get(each.kind);
    if (here === undefined) byKind.set(each.kind, [each]);
    else here.push(each);
  }
  return (Object.keys(findingRules) as FindingKind[]).flatMap((kind) => {
    const here = byKind.get(kind);
    if (here === undefined) return [];
    const { severity, title, remedy } = findingRules[kind];
    const places = here.map(({ file, detail, other }): Place => ({ file, detail, ...(other ? { other } : {}) }));
    return [{ kind, severity, title, remedy: here[0]!.remedy ?? remedy, places }];
  });
}
