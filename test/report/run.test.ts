import { describe, expect, it } from 'vitest'
import type { JournalEntry, RunEvent } from '../../src/journal/event.ts'
import type { PreflightResult } from '../../src/model/finding.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import { groupedEvidence } from '../../src/report/evidence.ts'
import { itineraryMarkdown } from '../../src/report/itinerary-markdown.ts'
import { itineraryText } from '../../src/report/itinerary-text.ts'
import { jsonText } from '../../src/report/json.ts'
import { COMMENT_LIMIT } from '../../src/report/markdown.ts'
import { asRehearsal } from '../../src/report/next.ts'
import { runHtml } from '../../src/report/run-html.ts'
import { runJunit } from '../../src/report/run-junit.ts'
import { runMarkdown } from '../../src/report/run-markdown.ts'
import { type RunReport, runReport, stateOf } from '../../src/report/run-report.ts'
import { runText, writeBackLines } from '../../src/report/run-text.ts'
import { PLAIN } from '../../src/report/style.ts'
import { ownersOf, owningTool } from '../../src/report/write-back.ts'
import { batches, itinerary, journal, opened, passing, takenBack } from '../support/run-builder.ts'

/** The report of what a journal says. */
function told(of: Itinerary, entries: readonly JournalEntry[]): RunReport {
  const state = stateOf(entries)
  if (!state) throw new Error('the journal is empty')
  return runReport(of, state, entries)
}

const done: RunEvent = {
  type: 'run-finished',
  outcome: {
    exit: 'ok',
    summary: 'The target is reached',
    changed: ['vpc-cni', 'spot', 'app-a'],
    takenBack: [],
    untouched: [],
    byHand: [],
  },
}
const succeeded = journal([opened, ...batches.flatMap(passing), done])
const held: RunEvent = {
  type: 'hold-entered',
  because: 'A budget allows none',
  resumeWith: 'Raise the budget, then `serin resume`.',
  cause: 'eviction-blocked',
}

const clear: PreflightResult = { evaluatedAt: '2026-11-23T10:00:05Z', findings: [], verdict: 'clear' }

describe('an itinerary', () => {
  it('prints each step with change, call, gates, exposure and undo', () => {
    expect(itineraryText(itinerary(), PLAIN)).toMatchInlineSnapshot(`
      "Plan shop-1-33: 1 add-on update, 2 node groups with 4 nodes, about 1h31m
      digest sha256:abababababababababababababababababababababababababababababababab

       1. vpc-cni 1/1  addon/vpc-cni/1
          add-on vpc-cni  v1.18.3-eksbuild.3 → v1.19.2-eksbuild.1
            call     eks:UpdateAddon vpc-cni addonVersion=v1.19.2-eksbuild.1
                     resolveConflicts=PRESERVE
            takes    about 6m, given up after 1h
            exposed  1 node, 11 pods, for up to 2 minutes before Serin can stop it
            undo     can be taken back: the same call with the baseline; takes about
                     6m; possible while EKS lists v1.18.3-eksbuild.3
            gates    aws-node; soak 15m

       2. canary  canary/1
          node group spot  1.32 (release 1.32.9-20261101) → 1.33 (release
                           1.33.5-20261101)
            call     eks:UpdateNodegroupVersion spot version=1.33
                     releaseVersion=1.33.5-20261101
            takes    about 20m, given up after 1h30m
            exposed  2 nodes, 24 pods, for up to 20 minutes before Serin can stop it
            undo     can be taken back: the same call with the baseline; takes about
                     22m; possible while AMI release 1.32.9-20261101 is offered
            gates    nodes-ready, aws-node; soak 30m

       3. app  wave/app/1
          node group app-a  1.32 (release 1.32.9-20261101) → 1.33 (release
                            1.33.5-20261101)
            call     eks:UpdateNodegroupVersion app-a version=1.33
                     releaseVersion=1.33.5-20261101
            takes    about 20m, given up after 1h30m
            exposed  2 nodes, 24 pods, for up to 20 minutes before Serin can stop it
            undo     can be taken back: the same call with the baseline; takes about
                     22m; possible while AMI release 1.32.9-20261101 is offered
            gates    nodes-ready, aws-node; a yes of release before it starts

      Forecast: 1h40m, nine times of ten at most 2h, 45m of it soaks. The drains were
      rehearsed on this snapshot; approvals and closed windows are not in it.

                     0              30m             1h             1h30m
        vpc-cni 1/1  ███░░░░░░░░░                                         6m to 7m
        canary                   ██████████░░░░░░░░░░░░░░░░░              20m to 24m
        app                                                 ██████████░░  20m to 24m
                     █ moves   ░ gates and soak

        Points of no return: none.
        Stays as it is: forensics (quarantined as evidence).
        When a gate fails: add-on last-proven-hop, canary automatic, waves hold, 10m
        of grace.
      "
    `)
  })

  it('is printed byte for byte alike every time', () => {
    expect(itineraryText(itinerary(), PLAIN)).toBe(itineraryText(itinerary(), PLAIN))
    expect(itineraryMarkdown(itinerary(), clear)).toBe(itineraryMarkdown(itinerary(), clear))
  })

  it('says the verdict of pre-flight first, and where to read more', () => {
    const warned: PreflightResult = { ...clear, findings: [{ code: 'A', verdict: 'warn', subject: 'B/c', message: 'm' }] }
    const [first] = itineraryText(itinerary(), PLAIN, warned).split('\n')
    expect(first).toBe('Pre-flight: clear (1 warning); `serin preflight shop.yaml` says which')
  })

  it('and the report of a run are ASCII where the terminal knows no more', () => {
    const ascii = { ...PLAIN, unicode: false }
    const text = itineraryText(itinerary(), ascii) + runText(told(itinerary(), succeeded), ascii)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is what is meant
    expect(text).toMatch(/^[\x00-\x7f]*$/)
  })

  it('says loudly where there is no way back', () => {
    const [first] = batches
    const step = first?.steps[0]
    if (!first || !step) throw new Error('the builder has an add-on batch')
    const none = {
      ...step,
      wayBack: { exists: 'none', how: 'EKS no longer lists the baseline', acceptToken: 'no-way-back/vpc-cni' },
    } as const
    const text = itineraryText(itinerary({ batches: [{ ...first, steps: [none] }], pointsOfNoReturn: ['vpc-cni: gone'] }), PLAIN)
    expect(text).toContain('POINT OF NO RETURN')
    expect(text).toContain('accept: [no-way-back/vpc-cni]')
    expect(text).toContain('Points of no return: vpc-cni: gone.')
  })

  it('fits a comment with hundreds of groups, verdict first', () => {
    const [, canary] = batches
    if (!canary) throw new Error('the builder has a canary')
    const untouched = Array.from({ length: 250 }, (_, i) => ({ name: `group-${i}`, reason: 'already there' }))
    const findings = Array.from(
      { length: 300 },
      (_, i) => ({ code: 'PDB_ALLOWS_NONE', verdict: 'block', subject: `B/${i}`, message: `Budget ${i} allows none` }) as const,
    )
    const blocked: PreflightResult = { ...clear, findings, verdict: 'blocked' }
    const many = Array.from({ length: 500 }, (_, i) => ({ ...canary, id: `wave/w/${i}`, title: `w ${i}` }))
    const text = itineraryMarkdown(itinerary({ batches: many, untouched }), blocked)
    expect(text.startsWith('## Plan `shop-1-33`: blocked (300 blocking)')).toBe(true)
    expect(text).toContain('Budget 7 allows none')
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT)
  })
})

describe('the report of a run', () => {
  it('tells a run that was taken back, and names the hanging nodes', () => {
    expect(runText(told(itinerary(), takenBack()), PLAIN)).toMatchInlineSnapshot(`
      "Run r-1 of plan shop-1-33: everything was taken back, exit 20
      Everything is as it was.
      Cause: aws-node waits for IPAM on new nodes and works on untouched ones
             (networking-fails). Nodes: ip-10-0-1-7.ec2.internal,
             ip-10-0-1-9.ec2.internal.
      What to do: Read the evidence per node, and what pre-flight warned of; then
                  change image, template or add-on version in the plan.
      cluster shop in eu-central-1, as seen at 2026-11-23T10:00:00Z; opened by lena;
      took 18m

      What happened
        ✓ vpc-cni 1/1: passed after 3m; passed aws-node
        ✗ canary (canary/1): failed after 3m
            ipam says fail: 2 of 2 nodes wait for IPAM.
        … app: not begun

      The way back
        ✓ back: vpc-cni: passed after 3m; passed aws-node
        ✓ back: spot: passed after 3m; passed aws-node

      Nodes that showed the failure
        ip-10-0-1-7.ec2.internal
        ip-10-0-1-9.ec2.internal

      Taken back
        vpc-cni
        spot

      Not touched
        app-a

      Write back
        Nothing: everything is as it was.

      Next
        → serin report r-1
        → serin plan shop.yaml
      "
    `)
  })

  it('tells what to write back after a success', () => {
    expect(writeBackLines(told(itinerary(), succeeded).writeBack)).toMatchInlineSnapshot(`
      [
        "WHAT              VERSION             RELEASE",
        "add-on vpc-cni    v1.19.2-eksbuild.1",
        "node group spot   1.33                1.33.5-20261101",
        "node group app-a  1.33                1.33.5-20261101",
        "in Terraform: aws_eks_addon: addon_version; aws_eks_node_group: version, release_version, launch_template.version",
        "in CloudFormation: AWS::EKS::Addon: AddonVersion; AWS::EKS::Nodegroup: Version, ReleaseVersion, LaunchTemplate.Version",
        "in eksctl: addons[].version; managedNodeGroups[]: version, releaseVersion, launchTemplate.version",
      ]
    `)
  })

  it('tells only the tool that owns an object, where tags say which', () => {
    const { writeBack } = told(itinerary({ owners: { 'Addon/vpc-cni': 'terraform', 'NodeGroup/spot': 'eksctl' } }), succeeded)
    expect(writeBack.values.map(({ subject, owner }) => [subject, owner])).toEqual([
      ['add-on vpc-cni', 'Terraform'],
      ['node group spot', 'eksctl'],
      ['node group app-a', undefined],
    ])
    const owned = itinerary({ owners: { 'Addon/vpc-cni': 'terraform', 'NodeGroup/spot': 'eksctl', 'NodeGroup/app-a': 'eksctl' } })
    expect(told(owned, succeeded).writeBack.places.map(({ tool }) => tool)).toEqual(['Terraform', 'eksctl'])
  })

  it('says that nothing is to be written back after a rollback', () => {
    expect(told(itinerary(), takenBack()).writeBack).toEqual({ note: 'Nothing: everything is as it was.', values: [], places: [] })
  })

  it('says that nothing is to be written back while the run is open', () => {
    const [addon] = batches
    const report = told(itinerary(), journal([opened, ...(addon ? passing(addon) : []), held]))
    expect(report.writeBack).toEqual({ note: 'Nothing yet: write back when the run has ended.', values: [], places: [] })
  })

  it('shows what speaks for the failure, a dozen lines and how many more there are', () => {
    const evidence = Array.from({ length: 20 }, (_, i) => ({ subject: `Subnet/subnet-${i}`, says: 'has no address left' }))
    const event: RunEvent = {
      ...held,
      failure: { cause: 'eviction-blocked', at: 'canary/1', message: 'A budget allows none', evidence, nodes: [] },
    }
    const report = told(itinerary(), journal([opened, event]))
    expect(report.evidence).toHaveLength(13)
    for (const text of [runText(report, PLAIN), runMarkdown(report), runHtml(report)]) {
      expect(text).toContain('Subnet/subnet-11: has no address left')
      expect(text).not.toContain('Subnet/subnet-12')
      expect(text).toContain('and 8 more')
    }
    expect(JSON.parse(jsonText(report)).failure.evidence).toHaveLength(20)
  })

  it('says once what many nodes or pods have in common', () => {
    const sandbox = (name: string, id: string) => `failed to create sandbox "${id}" for ${name}: no address`
    const pods = ['a', 'b', 'c', 'd'].map((name) => ({ subject: `Pod/shop/web-${name}`, says: sandbox(`web-${name}`, `${name}0`) }))
    const nodes = ['ip-1', 'ip-2'].map((name) => ({ subject: `Node/${name}`, says: 'aws-node hangs' }))
    const lone = { subject: 'Node/ip-3', says: 'is well' }
    expect(groupedEvidence([...nodes, ...pods, lone], ['ip-2', 'ip-1'])).toEqual([
      'each of 2 nodes: aws-node hangs',
      'each of 4 pods (shop/web-a, shop/web-b, shop/web-c and 1 more): for example failed to create sandbox "a0" for web-a: no address',
      'Node/ip-3: is well',
    ])
  })

  it.each([
    ['serin approve, then serin resume', undefined, 'serin approve r-1'],
    ['serin resume, once the window is open', 'Go on once the window is open.', 'serin resume r-1'],
    ['Free addresses, then `serin resume`.', 'Free addresses, then `serin resume`.', 'serin resume r-1'],
  ])('keeps what to do apart from what to type: %s', (resumeWith, advice, next) => {
    const state = stateOf(journal([opened]))
    if (!state) throw new Error('the journal is empty')
    const report = runReport(itinerary(), state, [], { exit: 'held', because: 'waits', resumeWith })
    expect({ advice: report.advice, next: report.next[0] }).toEqual({ advice, next })
    expect(report.next.every((line) => line.startsWith('serin '))).toBe(true)
  })

  it('that waits for a yes says so, and how to give it', () => {
    const report = told(itinerary(), journal([opened, { type: 'approval-requested', batch: 'wave/app/1', role: 'release' }]))
    expect(report).toMatchObject({ exit: 'held', summary: 'app waits for a yes of release' })
    expect(report.next[0]).toBe('serin approve r-1')
    expect(report.next).toContain(`serin accept r-1 --step ${batches[0]?.id} --reason TEXT`)
  })

  it('of a rehearsal names the rehearsal as the next thing, never a door that nobody can open', () => {
    const { next, advice } = asRehearsal(told(itinerary(), journal([opened, held])), 'serin rehearse p.yaml --seed 7')
    expect(next).toEqual(['serin rehearse p.yaml --seed 7', 'serin report r-1 --rehearsal -o html --out r-1.html'])
    expect(advice).toContain('change the plan')
  })

  it('tells of a held run what is changed, what is not and which doors are open', () => {
    const [addon, canary] = batches
    if (!addon || !canary) throw new Error('the builder has three batches')
    const report = told(itinerary(), journal([opened, ...passing(addon), held]))
    expect(report).toMatchObject({ exit: 'held', changed: [addon.steps[0]?.title], summary: 'A budget allows none' })
    expect(report.untouched).toContain(canary.steps[0]?.title)
    expect(report.next[0]).toBe('serin resume r-1')
    expect(report.next).toContain('serin rollback r-1')
  })

  it('does not call untouched what a step that is tried again has changed already', () => {
    const [, canary] = batches
    if (!canary) throw new Error('the builder has three batches')
    const id = canary.steps[0]?.id ?? ''
    const failure = { cause: 'networking-fails' as const, at: 'canary/1', message: 'hangs', evidence: [], nodes: [] }
    const command = { id: 'c1', step: id, action: { kind: 'update-nodegroup' } } as never
    const report = told(
      itinerary(),
      journal([
        opened,
        ...passing(canary).slice(0, 1),
        { type: 'command-intended', command },
        { type: 'command-answered', command: 'c1', result: { kind: 'accepted' } },
        { type: 'batch-failed', batch: 'canary/1', failure },
        { ...held, failure },
      ]),
    )
    expect(report.untouched).not.toContain(canary.steps[0]?.title)
    expect(report.changed).toEqual([`${canary.steps[0]?.title} (under way)`])
  })

  it('names the gate that a person may answer for where it could not tell, and no gate that fails', () => {
    const judged = (gate: string, verdict: 'unknown' | 'fail'): RunEvent => {
      const judgement = { verdict, reason: gate, evidence: [] }
      return { type: 'gate-judged', batch: 'canary/1', gate, judgement }
    }
    const failure = { cause: 'evidence-missing' as const, at: 'canary/1', message: 'no data', evidence: [], nodes: [] }
    const [, canary] = batches
    const begun = canary ? passing(canary).slice(0, 1) : []
    const report = told(
      itinerary(),
      journal([opened, ...begun, judged('prometheus', 'unknown'), judged('workloads', 'fail'), { ...held, failure }]),
    )
    expect(report.next).toEqual([
      'serin resume r-1',
      'serin approve r-1 --gate prometheus --reason TEXT',
      'serin rollback r-1',
      'serin accept r-1 --step canary/1 --reason TEXT',
      'serin abandon r-1 --reason TEXT',
    ])
  })

  it('has a next command for every ending but success', () => {
    for (const exit of ['blocked', 'inconclusive', 'rolledBack', 'rollbackFailed', 'failed', 'partlyDone', 'deadline'] as const) {
      const outcome = { ...done.outcome, exit }
      expect(told(itinerary(), journal([opened, { type: 'run-finished', outcome }])).next, exit).not.toEqual([])
    }
  })

  it.each([
    ['text', () => runText(told(itinerary(), takenBack()), PLAIN)],
    ['Markdown', () => runMarkdown(told(itinerary(), takenBack()))],
    ['HTML', () => runHtml(told(itinerary(), takenBack()))],
    ['JUnit', () => runJunit(told(itinerary(), takenBack()))],
    ['JSON', () => jsonText(told(itinerary(), takenBack()))],
  ])('as %s is the same for the same journal and names the nodes or the gate that failed', (_form, render) => {
    expect(render()).toBe(render())
    expect(render()).toMatch(/ip-10-0-1-7\.ec2\.internal/)
  })

  it('as HTML contains no script and escapes what others wrote', () => {
    const hostile = told(itinerary(), journal([{ ...opened, by: '<script>alert(1)</script>' } as RunEvent]))
    expect(runHtml(hostile)).not.toContain('<script>')
  })
})

describe('the tool that owns an object', () => {
  it.each([
    [
      'eksctl, although CloudFormation made it for eksctl',
      { 'alpha.eksctl.io/cluster-name': 'a', 'aws:cloudformation:stack-name': 'b' },
      'eksctl',
    ],
    ['CloudFormation', { 'aws:cloudformation:stack-name': 'b' }, 'cloudformation'],
    ['Terraform by convention', { ManagedBy: 'terraform' }, 'terraform'],
    ['unknown', { team: 'shop' }, undefined],
    ['unknown without tags', undefined, undefined],
  ])('is %s', (_title, tags, tool) => {
    expect(owningTool(tags as Record<string, string> | undefined)).toBe(tool)
  })

  it('is read from a snapshot', () => {
    const nodegroups = [{ nodegroupName: 'spot', tags: { terraform: 'true' } }]
    expect(ownersOf({ aws: { nodegroups } } as never)).toEqual({ 'NodeGroup/spot': 'terraform' })
  })
})
