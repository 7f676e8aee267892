import { describe, expect, it } from 'vitest'
import type { GroupIntent } from '../../src/model/intent.ts'
import type { Node } from '../../src/model/kubernetes.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { matchNodes, withNodeOrder } from '../../src/plan/node-order.ts'
import { load, withLines } from './plan-text.ts'

/** `nodes` in a plan: what it means for the groups of a cluster. A group is told by the roles of its nodes. */

const NODES: NonNullable<UpgradePlan['nodes']> = [{ match: 'role=db', after: ['role!=db'], neverWith: ['role=db'] }]

function node(role: string): Node {
  return { metadata: { name: role, labels: { role } } } as unknown as Node
}

interface Groups {
  readonly [name: string]: {
    readonly roles: readonly string[]
    readonly wave?: string
    readonly atOnce?: number
    readonly changes?: boolean
  }
}

function resolved(groups: Groups, nodes = NODES) {
  const intents = Object.entries(groups).map(([name, { wave = 'all', atOnce = 2, changes = true }]) => {
    const pace = name.startsWith('asg:') ? { pace: { maxUnavailable: 0, surge: 2, drainTimeout: 0, blocked: { kind: 'hold' } } } : {}
    return { name, wave, changes, maxUnavailable: atOnce, ...pace } as unknown as GroupIntent
  })
  const places = intents.map(({ name, wave }) => ({ name, wave }))
  const census = { pods: new Map(), nodes: new Map(Object.entries(groups).map(([name, { roles }]) => [name, roles.map(node)])) }
  const answer = withNodeOrder({ nodes } as unknown as UpgradePlan, intents, places, census)
  const said = answer.groups.flatMap(({ name, after, neverWith, pace }) => [
    ...(after ? [`${name} after ${after}`] : []),
    ...(neverWith ? [`${name} never with ${neverWith}`] : []),
    ...(pace?.order ? [`${name} in order`] : []),
  ])
  return [...said, ...answer.problems.map(({ subject, message }) => `${subject}: ${message}`)]
}

describe('the order of nodes', () => {
  it.each<{ title: string; groups: Groups; nodes?: typeof NODES; says: string[] }>([
    { title: 'between groups is an order of groups', groups: { db: { roles: ['db'] }, web: { roles: ['web'] } }, says: ['db after web'] },
    {
      title: 'keeps two groups of such nodes apart',
      groups: { 'db-a': { roles: ['db'] }, 'db-b': { roles: ['db'] } },
      says: ['db-a never with db-b', 'db-b never with db-a'],
    },
    {
      title: 'inside a group that Serin drains goes with its pace',
      groups: { 'asg:all': { roles: ['db', 'web', 'db'] } },
      says: ['asg:all in order'],
    },
    { title: 'says nothing about one such node alone', groups: { 'asg:db': { roles: ['db'] } }, says: [] },
    {
      title: 'says nothing about a group that stays as it is',
      groups: { db: { roles: ['db'] }, web: { roles: ['web'], changes: false } },
      says: [],
    },
    {
      title: 'cannot be kept inside a group whose nodes EKS takes',
      groups: { all: { roles: ['db', 'web'] } },
      says: ['Plan/nodes[0].after: `all` has nodes on both sides, and EKS takes its nodes in an order of its own'],
    },
    { title: 'is kept there one node at a time', groups: { db: { roles: ['db', 'db'], atOnce: 1 } }, says: [] },
    {
      title: 'is not kept there with several at a time',
      groups: { db: { roles: ['db', 'db'] } },
      says: ['Plan/nodes[0].neverWith: `db` has several of these nodes, and EKS takes 2 of its nodes at a time'],
    },
    {
      title: 'cannot go against that of the waves',
      groups: { db: { roles: ['db'], wave: 'early' }, web: { roles: ['web'], wave: 'late' } },
      says: ['db after web', 'Plan/nodes[0].after: Nodes of `db` are to come after nodes of `web`, which the plan takes in a later wave'],
    },
    {
      title: 'cannot go both ways between two groups',
      groups: { 'asg:a': { roles: ['db', 'web'] }, 'asg:b': { roles: ['web', 'db'] } },
      says: [
        'asg:a never with asg:b',
        'asg:a in order',
        'asg:b never with asg:a',
        'asg:b in order',
        'Plan/nodes: `asg:a`, `asg:b` have nodes that wait for nodes of each other, and groups are moved one after the other',
      ],
    },
    {
      title: 'cannot make nodes of one group wait for each other',
      groups: { 'asg:all': { roles: ['db', 'web'] } },
      nodes: [
        { match: 'role in (db)', after: ['role=web'] },
        { match: 'role=web', after: ['role=db'] },
      ],
      says: ['asg:all in order', 'Plan/nodes: Nodes of `asg:all` would wait for each other'],
    },
    {
      title: 'cannot go round between three groups',
      groups: { a: { roles: ['a'] }, b: { roles: ['b'] }, c: { roles: ['c'] } },
      nodes: [
        { match: 'role=a', after: ['role=b'] },
        { match: 'role=b', after: ['role=c'] },
        { match: 'role=c', after: ['role=a'] },
      ],
      says: [
        'a after b',
        'b after c',
        'c after a',
        'Plan/nodes: `a`, `b`, `c` have nodes that wait for nodes of each other, and groups are moved one after the other',
      ],
    },
  ])('$title', ({ groups, nodes, says }) => {
    expect(resolved(groups, nodes)).toEqual(says)
  })

  it('names no labels that no node has, unless it may', () => {
    const said = (entry: string) => matchNodes(load(withLines('nodes:', `  - ${entry}`)), [node('web')])
    expect(said('{ match: role=web, after: [role=bd] }')).toMatchObject([
      { file: 'plan.yaml', line: 18, path: 'nodes[0].after[0]', message: 'No node has the labels `role=bd`' },
    ])
    expect(said('{ match: role=web, after: [role=bd], optional: true }')).toEqual([])
  })
})
