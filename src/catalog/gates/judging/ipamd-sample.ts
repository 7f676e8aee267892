import type { NodeFacts } from '../../../model/seen.ts'
import type { GateInput } from '../definition.ts'
import { spread } from './spread.ts'

/** Nodes that are asked: further ones only of other zones and types. */
const SUBJECTS = 10
const CONTROLS = 3

type Nodes = Pick<GateInput<unknown>, 'subjects' | 'controls'>

/** The nodes whose ipamd is asked what it counts: the same ones, whichever gate asks. */
export function ipamdSample({ subjects, controls }: Nodes): Nodes {
  return { subjects: asked(subjects, SUBJECTS), controls: asked(controls, CONTROLS) }
}

function asked(nodes: readonly NodeFacts[], most: number): readonly NodeFacts[] {
  const able = nodes.filter((node) => !node.deleting && node.awsNodeExcluded === undefined && node.awsNode !== undefined)
  return spread(able, most)
}
