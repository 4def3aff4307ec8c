/** The pattern file that Python and this extension share; it lies outside of `src/`, so its types are said here. */

declare module '*/quixnb/patterns.json' {
  interface Pattern {
    readonly kind: 'sdk' | 'pat' | 'jwt';
    /** A text that every match begins with; its small letters may also be capitals. */
    readonly hint: string;
    readonly regex: string;
  }

  const file: {
    readonly silence: string;
    readonly quix_marks: readonly string[];
    readonly patterns: readonly Pattern[];
    readonly noise: Readonly<Record<string, string>>;
    readonly most_noise: number;
    readonly gap: {
      readonly quote: string;
      readonly items: Readonly<Record<string, string>>;
      readonly most_items: number;
    };
  };
  export default file;
}
