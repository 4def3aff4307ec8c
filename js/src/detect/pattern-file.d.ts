/** The pattern file that Python and this extension share; it lies outside of `src/`, so its types are said here. */

declare module '*/quixnb/patterns.json' {
  interface Pattern {
    readonly kind: 'sdk' | 'pat' | 'jwt';
    /** A lower-case text; in this or other case every match begins with it. */
    readonly hint: string;
    readonly regex: string;
  }

  const file: {
    readonly silence: string;
    readonly quix_marks: readonly string[];
    readonly patterns: readonly Pattern[];
    readonly noise: Readonly<Record<string, string>>;
  };
  export default file;
}
