import { describe, expect, it } from 'vitest'
import { GATES } from '../../src/catalog/gates/registry.ts'
import { listableGates } from '../../src/plan/kinds.ts'
import { changed, HEALTHY, linesOf, planOf, problemsIn, withLines } from './plan-text.ts'

/** Gates that stand in lists, in the order of the registry. */
const EXISTING = listableGates(GATES)
  .map(({ kind }) => kind)
  .join(', ')

const SETTINGS = (settings: string) => withLines('nodeGroups:', `  - { match: "app-*", ${settings} }`)
const FREEZE = (freeze: string) =>
  withLines('window:', '  timeZone: UTC', '  open: ["daily 01:00-02:00"]', '  freezes:', `    - { ${freeze} }`)

/** One mistake each: the text of the plan, and the line that it must give. */
const MISTAKES: readonly { title: string; text: string; says: string }[] = [
  {
    title: 'an unknown key',
    text: withLines('rollbak: {}'),
    says: '17:1 rollbak: Unknown key `rollbak`. Did you mean `rollback`? Keys here: apiVersion, kind, metadata, cluster, target, gates, canary, waves, nodeGroups, nodes, exclude, window, rollback, remediation, diagnosis, accept, waivers, severities, notify.',
  },
  {
    title: 'a severity lowered',
    text: withLines('severities: { PDB_ALLOWS_NONE: warn }'),
    says: '17:32 severities.PDB_ALLOWS_NONE: `warn` is no severity that a plan can give. Severities are raised, never lowered: write `block`. To accept a finding, waive it.',
  },
  {
    title: 'a severity of a check that does not exist',
    text: withLines('severities: { PDB_ALLOWS_NON: block }'),
    says: '17:15 severities.PDB_ALLOWS_NON: Unknown key `PDB_ALLOWS_NON`. Did you mean `PDB_ALLOWS_NONE`? `serin explain` lists them.',
  },
  {
    title: 'an unknown key further down',
    text: changed('soak: 5m', 'soaks: 5m'),
    says: '13:46 canary.soaks: Unknown key `soaks`. Did you mean `soak`? Keys here: nodeGroups, optional, batch, gates, soak, approval.',
  },
  {
    title: 'a minor that YAML reads as a number',
    text: changed('"1.33"', '1.30'),
    says: '6:22 target.kubernetesVersion: `1.30` must be text. Put it in quotes: `"1.30"`.',
  },
  {
    title: 'a patch version instead of a minor',
    text: changed('"1.33"', '"1.33.5"'),
    says: '6:22 target.kubernetesVersion: `1.33.5` is not a Kubernetes minor version. Write the minor alone and in quotes: `"1.33"`.',
  },
  {
    title: 'an account id without quotes',
    text: changed('"111122223333"', '011122223333'),
    says: '4:57 cluster.accountId: `011122223333` must be text. Put it in quotes: `"011122223333"`.',
  },
  {
    title: 'a missing key',
    text: changed(', accountId: "111122223333"', ''),
    says: '4:1 cluster.accountId: `accountId` is missing. Add it: AWS account of the cluster; a run against any other account is refused.',
  },
  {
    title: 'something that is no Region',
    text: changed('eu-central-1', 'frankfurt'),
    says: '4:32 cluster.region: `frankfurt` is not an AWS Region. For example `eu-central-1`.',
  },
  {
    title: 'another version of the format',
    text: changed('v1alpha1', 'v1'),
    says: '1:13 apiVersion: `serin.dev/v1` is not one of the values allowed here. Write `serin.dev/v1alpha1`.',
  },
  {
    title: 'a target without any part',
    text: HEALTHY.replace(/target:[\s\S]*gates:\n/, 'target: {}\ngates:\n'),
    says: '5:1 target: The target is empty. Name at least one of `kubernetesVersion`, `images`, `addons` and `controlPlane`.',
  },
  {
    title: 'images that are neither a word nor a release',
    text: changed('images: latest', 'images: lastest'),
    says: '7:11 target.images: `lastest` is neither `latest`, `keep` nor an AMI release. A release looks like `1.33.5-20261101`; `latest` takes the newest of the minor, `keep` stays.',
  },
  {
    title: 'node groups that move without canary and waves',
    text: HEALTHY.replace(/canary:[\s\S]*$/, ''),
    says: '5:1 target: The target moves node groups, but no canary and no wave names any. Add `canary` and `waves`; `nodeGroups: ["*"]` takes every group not named elsewhere.',
  },
  {
    title: 'a gate that does not exist',
    text: changed('[aws-node, stuck-pods]', '[aws-nod, stuck-pods]'),
    says: `11:9 gates.cni[0]: There is no gate \`aws-nod\`. Did you mean \`aws-node\`? Those that exist: ${EXISTING}.`,
  },
  {
    title: 'a gate with options that does not exist',
    text: changed('[nodes-ready, aws-node]', '[nodes-ready, wrkloads: { ignoreNamespaces: [ci] }]'),
    says: `12:23 gates.node[1].wrkloads: There is no gate \`wrkloads\`. Did you mean \`workloads\`? Gates that exist: ${EXISTING}.`,
  },
  {
    title: 'an option that a gate does not have',
    text: changed('[nodes-ready, aws-node]', '[nodes-ready, workloads: { ignoreNamespace: [ci] }]'),
    says: '12:36 gates.node[1].workloads.ignoreNamespace: Unknown key `ignoreNamespace`. Did you mean `ignoreNamespaces`? Keys here: ignoreNamespaces.',
  },
  {
    title: 'a list of gates that does not exist',
    text: changed('gates: cni }', 'gates: cnu }'),
    says: '9:53 target.addons[0].gates: There is no list of gates named `cnu`. Did you mean `cni`? Lists that exist: cni, node.',
  },
  {
    title: 'a gate where a list is named',
    text: changed('gates: cni }', 'gates: aws-node }'),
    says: '9:53 target.addons[0].gates: There is no list of gates named `aws-node`. `aws-node` is a gate: write `[aws-node]`.',
  },
  {
    title: 'a gate that cannot judge an add-on',
    text: changed('gates: cni }', 'gates: node }'),
    says: '9:53 target.addons[0].gates: Gate `nodes-ready` of list `node` cannot judge an add-on. Use a list such as `[aws-node, stuck-pods]`.',
  },
  {
    title: 'a soak in a list of gates',
    text: changed('[nodes-ready, aws-node]', '[nodes-ready, soak: 5m]'),
    says: '12:23 gates.node[1].soak: `soak` does not stand in a list of gates. Write `soak: 15m` beside `gates`.',
  },
  {
    title: 'two gates in one item',
    text: changed('[nodes-ready, aws-node]', '[{ nodes-ready: {}, aws-node: {} }]'),
    says: '12:10 gates.node[0]: An item of a list of gates is one gate. Write `- NAME` or `- NAME: { options }`, one item per gate.',
  },
  {
    title: 'an empty list of gates',
    text: changed('[aws-node, stuck-pods]', '[]'),
    says: '11:3 gates.cni: The list of gates is empty. Name at least one gate, or leave the key out for the default gates.',
  },
  {
    title: 'a soak that is no duration',
    text: changed('soak: 5m', 'soak: 5 minutes'),
    says: '13:52 canary.soak: `5 minutes` is not a duration. Write a number and a unit: `90s`, `15m`, `1h30m`, `2d`.',
  },
  {
    title: 'a canary without groups',
    text: changed('[canary]', '[]'),
    says: '13:11 canary.nodeGroups: The list of node groups is empty. Name at least one node group or glob, or remove the entry.',
  },
  {
    title: 'a canary of all groups',
    text: changed('[canary]', '["*"]'),
    says: '13:24 canary.nodeGroups[0]: The canary cannot be every group. Name a small group, one per class of nodes.',
  },
  {
    title: 'one group where a list belongs',
    text: changed('[canary]', 'canary'),
    says: '13:23 canary.nodeGroups: `canary` must be a list. Write `[canary]`.',
  },
  {
    title: 'the canary in a wave',
    text: changed('["app-*"]', '["app-*", canary]'),
    says: '15:40 waves[0].nodeGroups[1]: `canary` is already named by the canary. A node group belongs to one entry: keep it in one of them.',
  },
  {
    title: 'the same pattern in two waves',
    text: changed('["*"]', '["app-*"]'),
    says: '16:32 waves[1].nodeGroups[0]: `app-*` is already named by wave `app`. A node group belongs to one entry: keep it in one of them.',
  },
  {
    title: 'two waves of one name',
    text: changed('name: rest', 'name: app'),
    says: '16:13 waves[1].name: Two waves are named `app`. Give each wave a name of its own.',
  },
  {
    title: 'a percentage above 100',
    text: changed('name: rest,', 'name: rest, batch: 150%,'),
    says: '16:26 waves[1].batch: `150%` is not a percentage from 1% to 100%. Write a whole number from 1 to 100, then `%`.',
  },
  {
    title: 'a number of nodes to skip where EKS drains',
    text: SETTINGS('evictionBlocked: { skip: 1 }'),
    says: '18:23 nodeGroups[0].evictionBlocked: `evictionBlocked` says nothing about EKS managed groups, and `app-*` names such. Remove it, or give the other groups an entry of their own.',
  },
  {
    title: 'a batch of nothing',
    text: changed('name: rest,', 'name: rest, batch: 0,'),
    says: '16:26 waves[1].batch: `0` is too small. Write at least 1.',
  },
  {
    title: 'a setting of self-managed groups for managed ones',
    text: SETTINGS('surge: 2'),
    says: '18:30 nodeGroups[0].surge: `surge` says nothing about EKS managed groups, and `app-*` names such. Remove it, or give the other groups an entry of their own.',
  },
  {
    title: 'zone by zone where EKS chooses the order',
    text: SETTINGS('zoneByZone: true'),
    says: '18:35 nodeGroups[0].zoneByZone: `zoneByZone` says nothing about EKS managed groups, and `app-*` names such. Remove it: EKS takes old nodes in an order of its own, and no call changes that.',
  },
  {
    title: 'a group after itself',
    text: SETTINGS('after: ["app-*"]'),
    says: '18:31 nodeGroups[0].after[0]: `app-*` is to come after itself. Break the circle: one of them has to begin. `neverWith` keeps groups apart without an order.',
  },
  {
    title: 'nodes by something that is no label selector',
    text: withLines('nodes:', '  - { match: "db-*", neverWith: [role=db] }'),
    says: '18:14 nodes[0].match: `db-*` is not a label selector. Write it as `kubectl get nodes -l` takes it: `role=db`, `role!=db`, `zone in (a, b)`.',
  },
  {
    title: 'nodes of which nothing is said',
    text: withLines('nodes:', '  - { match: role=db }'),
    says: '18:5 nodes[0]: The entry for `role=db` says nothing. Write `after: [SELECTOR]`, `neverWith: [SELECTOR]` or both, or remove it.',
  },
  {
    title: 'nodes that come after each other',
    text: withLines('nodes:', '  - { match: role=db, after: [role=web] }', '  - { match: role=web, after: [role=db] }'),
    says: '19:32 nodes[1].after[0]: `role=web` is to come after `role=db`, which comes after it. Break the circle: one of them has to begin. `neverWith` keeps nodes apart without an order.',
  },
  {
    title: 'a strategy that does not exist',
    text: SETTINGS('strategy: blue-green'),
    says: '18:33 nodeGroups[0].strategy: There is no strategy `blue-green`. Those that exist: managed-in-place, drain-and-replace, replacement-group, observe-only.',
  },
  {
    title: 'a word in the wrong case',
    text: SETTINGS('updateStrategy: minimal'),
    says: '18:39 nodeGroups[0].updateStrategy: `minimal` is not one of the values allowed here. Did you mean `MINIMAL`? Write one of `DEFAULT`, `MINIMAL`.',
  },
  {
    title: 'more nodes than EKS allows',
    text: SETTINGS('maxUnavailable: 101'),
    says: '18:39 nodeGroups[0].maxUnavailable: `101` is too large. Write at most 100.',
  },
  {
    title: 'a template version that is no version',
    text: SETTINGS('launchTemplateVersion: newest'),
    says: '18:46 nodeGroups[0].launchTemplateVersion: `newest` is not a launch template version. Write a number, `$Latest` or `$Default`.',
  },
  {
    title: 'a glob with too many stars',
    text: changed('["app-*"]', '["*a*b*c*"]'),
    says: '15:31 waves[0].nodeGroups[0]: `*a*b*c*` is not a node group name or glob. Letters, digits, `-` and `_`, and up to three `*` for any run of characters.',
  },
  {
    title: 'an unknown time zone',
    text: withLines('window: { timeZone: Europe/Zurch, open: ["daily 01:00-02:00"] }'),
    says: '17:21 window.timeZone: `Europe/Zurch` is not a time zone. Did you mean `Europe/Zurich`? Write a name of the IANA database, such as `Europe/Zurich` or `UTC`.',
  },
  {
    title: 'an opening that cannot be read',
    text: withLines('window: { timeZone: UTC, open: ["Tuesday 01:00-02:00"] }'),
    says: '17:33 window.open[0]: `Tuesday 01:00-02:00` is not an opening time. Write `Tue 21:00-05:00`, `Mon-Fri 20:00-23:00` or `daily 01:00-04:00`.',
  },
  {
    title: 'a freeze that ends before it begins',
    text: FREEZE('from: 2027-01-04, to: 2026-12-18, reason: x'),
    says: '21:31 window.freezes[0].to: The freeze ends before it begins. `to` must be later than `from`.',
  },
  {
    title: 'a freeze on a day that does not exist',
    text: FREEZE('from: 2026-02-30, to: 2026-12-18, reason: x'),
    says: '21:15 window.freezes[0].from: `2026-02-30` is not a day of the calendar or a time. Write a day (`2026-12-18`) or a time (`2026-12-18T18:00`).',
  },
  {
    title: 'a waiver without an owner',
    text: withLines('waivers:', '  - { code: PDB_ALLOWS_NONE, subject: a/b, reason: r, expires: 2027-01-31 }'),
    says: '18:5 waivers[0].owner: `owner` is missing. Add it: who answers for it.',
  },
  {
    title: 'a waiver that expires on no day',
    text: withLines('waivers:', '  - { code: PDB_ALLOWS_NONE, subject: a/b, owner: o, reason: r, expires: 2027-02-29 }'),
    says: '18:74 waivers[0].expires: `2027-02-29` is not a day. Write the last day on which the waiver counts: `2027-01-31`.',
  },
  {
    title: 'a secret in the plan',
    text: withLines('notify:', '  - { webhook: { urlFrom: "https://hooks.example/secret" } }'),
    says: '18:27 notify[0].webhook.urlFrom: `https://hooks.example/secret` does not name an environment variable. Secrets never stand in a plan: write `env:NAME`.',
  },
  {
    title: 'kube-proxy after vpc-cni',
    text: changed('gates: cni }', 'gates: cni }\n    - { name: kube-proxy, version: recommended }'),
    says: '10:15 target.addons[1].name: `kube-proxy` stands after `vpc-cni`. Move it before `vpc-cni`: aws-node reaches the API server through it.',
  },
  {
    title: 'an add-on named twice',
    text: changed('gates: cni }', 'gates: cni }\n    - { name: vpc-cni, version: latest }'),
    says: '10:15 target.addons[1].name: Add-on `vpc-cni` stands twice. Keep one entry: hops in between are found by Serin.',
  },
  {
    title: 'a point of no return without its kind',
    text: withLines('accept: [vpc-cni]'),
    says: '17:10 accept[0]: `vpc-cni` is not a point of no return. Write the token that `serin plan` prints, such as `no-way-back/vpc-cni`.',
  },
  {
    title: 'a key named __proto__',
    text: changed('soak: 5m', '__proto__: 5m'),
    says: '13:46 canary.__proto__: Unknown key `__proto__`. Keys here: nodeGroups, optional, batch, gates, soak, approval.',
  },
]

describe('a mistake in a plan', () => {
  it('is what these tests change: the healthy plan has none', () => {
    expect(planOf(HEALTHY).metadata.name).toBe('shop-1-33')
  })

  it.each(MISTAKES)('is named with line, column, path and remedy: $title', ({ text, says }) => {
    expect(linesOf(problemsIn({ 'plan.yaml': text }))).toEqual([says])
  })
})

describe('ten mistakes', () => {
  const text = [
    'apiVersion: serin.dev/v1alpha1',
    'kind: UpgradePlan',
    'metadata: { name: shop }',
    'cluster: { name: shop, region: eu-central-1, accountId: 111122223333 }',
    'target:',
    '  kubernetesVersion: 1.33',
    '  addons:',
    '    - { name: vpc-cni, version: newest }',
    '    - { name: kube-proxy, version: recommended }',
    'canary: { nodeGroups: [], gates: nodes }',
    'waves:',
    '  - { name: app, nodeGroups: ["app-*"], soak: soon }',
    '  - { name: rest, nodeGroups: ["*", "app-*"] }',
    'window: { timeZone: Zurich, open: [always] }',
  ].join('\n')

  it('are told at once, in the order of the file', () => {
    expect(problemsIn({ 'plan.yaml': text }).map((each) => `${each.line}:${each.column} ${each.path}`)).toEqual([
      '4:57 cluster.accountId',
      '6:22 target.kubernetesVersion',
      '8:33 target.addons[0].version',
      '9:15 target.addons[1].name',
      '10:11 canary.nodeGroups',
      '10:34 canary.gates',
      '12:47 waves[0].soak',
      '13:37 waves[1].nodeGroups[1]',
      '14:21 window.timeZone',
      '14:36 window.open[0]',
    ])
  })
})
