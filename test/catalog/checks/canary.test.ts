import { canarySize } from '../../../src/catalog/checks/canary-size.ts'
import { nodeClasses } from '../../../src/catalog/checks/node-classes.ts'
import type { GroupIntent } from '../../../src/model/intent.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import { healthyGroupIntent, removeObjects } from '../../support/snapshot-builder.ts'

const group = (name: string, parts: Partial<GroupIntent>) => ({
  groups: GROUPS.map((each) => healthyGroupIntent(each, each.name === name ? parts : {})),
})

const onlyTwentyNodes = 'of 20 nodes'

checkTable(canarySize, [
  {
    title: 'three of twenty nodes, above a tenth',
    intent: group('canary', { nodes: 3, pods: 12 }),
    verdict: 'warn',
    words: ['canary', `3 ${onlyTwentyNodes}`, '3 nodes and 12 pods are exposed', 'minutes'],
  },
  { title: 'two of twenty nodes, a tenth', intent: group('canary', { nodes: 2 }), verdict: 'pass', words: [`2 ${onlyTwentyNodes}`] },
  {
    title: 'one node of two cannot be fewer',
    snapshot: [removeObjects('Node', (node) => node.metadata.labels?.['eks.amazonaws.com/nodegroup'] !== 'canary')],
    intent: group('canary', { nodes: 1 }),
    verdict: 'pass',
  },
  { title: 'eleven nodes', intent: group('canary', { nodes: 11 }), verdict: 'warn', words: ['11 of'] },
  {
    title: 'two canary groups count together',
    intent: group('app-a', { phase: 'canary', nodes: 1 }),
    verdict: 'warn',
    words: ['canary, app-a', '3 of'],
  },
  {
    title: 'the canary does not change',
    intent: group('canary', { nodes: 11, changes: false }),
    verdict: 'pass',
    words: ['No canary group'],
  },
])

checkTable(nodeClasses, [
  {
    title: 'a class that no canary has',
    intent: group('data', { nodeClass: 'AL2023_ARM_64_STANDARD arm64 r7g' }),
    verdict: 'warn',
    subject: 'NodeClass/AL2023_ARM_64_STANDARD arm64 r7g',
    words: ['data', '4 nodes', 'first'],
  },
  {
    title: 'the same class in the canary',
    intent: {
      groups: [
        healthyGroupIntent({ name: 'canary', nodes: 1 }, { nodeClass: 'arm' }),
        healthyGroupIntent({ name: 'data', nodes: 4 }, { nodeClass: 'arm' }),
      ],
    },
    verdict: 'pass',
    words: ['arm'],
  },
  { title: 'a group of another class that does not change', intent: group('data', { nodeClass: 'arm', changes: false }), verdict: 'pass' },
  { title: 'the canary is at its target already', intent: group('canary', { changes: false }), verdict: 'pass' },
  {
    title: 'the canary is empty',
    intent: group('canary', { nodes: 0, changes: false }),
    verdict: 'warn',
    subject: 'NodeClass/AL2023_x86_64_STANDARD amd64 m5',
    words: ['18 nodes'],
  },
])
