import { describe, expect, it } from 'vitest'
import type { JournalEntry, RunEvent } from '../../src/journal/event.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import { itineraryMarkdown } from '../../src/report/itinerary-markdown.ts'
import { itineraryText } from '../../src/report/itinerary-text.ts'
import { jsonText } from '../../src/report/json.ts'
import { COMMENT_LIMIT } from '../../src/report/markdown.ts'
import { runHtml } from '../../src/report/run-html.ts'
import { runJunit } from '../../src/report/run-junit.ts'
import { runMarkdown } from '../../src/report/run-markdown.ts'
import { type RunReport, runReport, stateOf } from '../../src/report/run-report.ts'
import { runText } from '../../src/report/run-text.ts'
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
  resumeWith: '`serin resume r-1`',
  cause: 'eviction-blocked',
}

describe('an itinerary', () => {
  it('prints each step with change, call, gates, exposure and undo', () => {
    expect(itineraryText(itinerary(), PLAIN)).toMatchInlineSnapshot(`
      "Plan shop-1-33: 1 add-on update, 2 node groups with 4 nodes, about 1h31m
      cluster shop in eu-central-1, as seen at 2026-11-23T10:00:00Z
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

        Points of no return: none.
        Stays as it is: forensics (quarantined as evidence).
        When a gate fails: add-on last-proven-hop, canary automatic, waves hold, 10m
        of grace.
      "
    `)
  })

  it('is printed byte for byte alike every time', () => {
    expect(itineraryText(itinerary(), PLAIN)).toBe(itineraryText(itinerary(), PLAIN))
    expect(itineraryMarkdown(itinerary(), 'ready')).toBe(itineraryMarkdown(itinerary(), 'ready'))
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
    const many = Array.from({ length: 500 }, (_, i) => ({ ...canary, id: `wave/w/${i}`, title: `w ${i}` }))
    const text = itineraryMarkdown(itinerary({ batches: many }), 'blocked')
    expect(text.startsWith('## Plan `shop-1-33`: blocked')).toBe(true)
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT)
  })
})

describe('the report of a run', () => {
  it('tells a run that was taken back, and names the hanging nodes', () => {
    expect(runText(told(itinerary(), takenBack()), PLAIN)).toMatchInlineSnapshot(`
      "Run r-1 of plan shop-1-33: everything was taken back, exit 20
      Everything is as it was.
      Cause: aws-node waits for IPAM on new nodes and works on untouched ones
      (networking-fails). Nodes: ip-10-0-1-7.ec2.internal, ip-10-0-1-9.ec2.internal.
      cluster shop in eu-central-1, as seen at 2026-11-23T10:00:00Z; opened by lena; took 18m

      What happened
        ✓ vpc-cni 1/1: passed after 3m; passed aws-node
        ✗ canary: failed after 3m
            ipam says fail: 2 of 2 nodes wait for IPAM.
            aws-node waits for IPAM on new nodes and works on untouched ones
            (networking-fails). Nodes: ip-10-0-1-7.ec2.internal,
            ip-10-0-1-9.ec2.internal.
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
        Nothing is to be written back: everything is as it was.

      Next
        → serin report r-1
        → serin plan PLAN
      "
    `)
  })

  it('tells what to write back after a success', () => {
    const { writeBack } = told(itinerary(), succeeded)
    expect(writeBack).toContain('Terraform: aws_eks_addon "vpc-cni": addon_version = "v1.19.2-eksbuild.1"')
    expect(writeBack).toContain('CloudFormation: AWS::EKS::Nodegroup app-a: Version: "1.33", ReleaseVersion: 1.33.5-20261101')
    expect(writeBack).toContain('eksctl: managedNodeGroups: name spot: version "1.33", releaseVersion: 1.33.5-20261101')
  })

  it('tells only the tool that owns an object, where tags say which', () => {
    const { writeBack } = told(itinerary({ owners: { 'Addon/vpc-cni': 'terraform', 'NodeGroup/spot': 'eksctl' } }), succeeded)
    expect(writeBack.filter((line) => line.includes('vpc-cni'))).toHaveLength(1)
    expect(writeBack.filter((line) => line.includes(' spot'))).toEqual([expect.stringMatching(/^eksctl: /)])
  })

  it('says that nothing is to be written back after a rollback', () => {
    expect(told(itinerary(), takenBack()).writeBack).toEqual(['Nothing is to be written back: everything is as it was.'])
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
