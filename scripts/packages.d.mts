export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly optional: boolean;
}
export function packagesIn(lock: { readonly packages: object }): LockedPackage[];
