import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take longest, most of them because they wait for processes of their own: they begin first, so that the last of them
 * does not run alone at the end while the other cores have nothing to do. Without this a fresh checkout begins with the largest file.
 */
const LONGEST = [
  'crash/two-people',
  'sandbox/clients/clients',
  'crash/killed-probes',
  'scenarios/quickstart',
  'crash/kill',
  'scenarios/holds',
  'scenarios/self-managed',
  'crash/replacement-group',
  'crash/control-plane',
  'properties/decide',
  'properties/many-groups',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const turn = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at < 0 ? LONGEST.length : at
    }
    return sorted.sort((a, b) => turn(a) - turn(b))
  }
}
