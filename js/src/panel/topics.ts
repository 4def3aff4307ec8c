/** One environment's topics, as they are told now. */

import type { Link, Topic } from '../link';

export class TopicList {
  constructor(
    private readonly link: Link,
    private readonly changed: () => void
  ) {}

  /** Null until they have been told once. */
  topics: readonly Topic[] | null = null;
  /** Why they were not, the last time. */
  problem = '';
  isLoading = false;

  /** Ask for what the kernel has now: it answers from its memory, and asks the portal once a minute at most. */
  follow(): void {
    const environment = this.link.state?.health === 'none' ? null : this.link.state?.environment ?? null;
    if (environment !== this.environment) {
      this.environment = environment;
      this.topics = null;
      this.problem = '';
    }
    // A token that is refused is refused for this as well: it is said once, above.
    if (environment !== null && this.link.state?.health === 'connected') {
      void this.load(false);
    }
  }

  async load(refresh: boolean): Promise<void> {
    if (this.isLoading) {
      this.isDue = true;
      return;
    }
    this.isLoading = true;
    this.changed();
    const environment = this.environment;
    try {
      const topics = await this.link.topics(refresh);
      if (environment === this.environment) {
        this.topics = topics;
        this.problem = '';
      }
    } catch (error) {
      this.problem = (error as Error).message;
    }
    this.isLoading = false;
    this.changed();
    if (this.isDue) {
      this.isDue = false;
      this.follow();
    }
  }

  private environment: string | null = null;
  private isDue = false;
}
