import { DescribeUpdateCommand, type EKSClient, ListUpdatesCommand } from '@aws-sdk/client-eks'
import type { EksUpdate } from '../../model/aws.ts'
import { instantOf } from '../../model/instant.ts'
import type { Eks } from '../../ports/eks.ts'
import { type AwsCaller, allPages, plain, present, withMembers } from '../aws-call.ts'
import { keeping } from '../keeping.ts'

interface Subject {
  readonly nodegroup?: string
  readonly addon?: string
}

/** Updates of a cluster, a node group or an add-on. */
export function updates(client: EKSClient, caller: AwsCaller) {
  const describe = describeUpdate(client, caller)
  const created = new Map<string, number>()
  const createdAt = async (cluster: string, id: string, of: Subject): Promise<number> => {
    const known = created.get(id)
    if (known !== undefined) return known
    const at = instantOf((await describe(cluster, id, of)).createdAt) ?? 0
    created.set(id, at)
    return at
  }
  return {
    describeUpdate: describe,
    /** The API documents no order of the ids; the dates of the first and the last tell which way round they are. */
    listUpdates: async (cluster, of) => {
      const ids = await listIds(client, caller, cluster, of)
      const [first, last] = [ids[0], ids.at(-1)]
      if (first === undefined || last === undefined || first === last) return ids
      const [began, ended] = await Promise.all([createdAt(cluster, first, of), createdAt(cluster, last, of)])
      return began >= ended ? ids : ids.toReversed()
    },
  } satisfies Partial<Eks>
}

const ENDED = new Set(['Successful', 'Failed', 'Cancelled'])

function describeUpdate(client: EKSClient, caller: AwsCaller) {
  const whenEnded = keeping<EksUpdate>(({ status }) => ENDED.has(status ?? ''))
  return (name: string, updateId: string, of: Subject): Promise<EksUpdate> =>
    whenEnded([name, updateId, of.nodegroup, of.addon].join(), () =>
      caller.read('eks:DescribeUpdate', async () => {
        const input = { name, updateId, nodegroupName: of.nodegroup, addonName: of.addon }
        const { update } = await client.send(new DescribeUpdateCommand(input))
        return ofSubject(plain(withMembers('eks:DescribeUpdate', update, 'id', 'status')), of)
      }),
    )
}

function listIds(client: EKSClient, caller: AwsCaller, name: string, of: Subject): Promise<readonly string[]> {
  return allPages('eks:ListUpdates', (nextToken) =>
    caller.read('eks:ListUpdates', async () => {
      const filter = { name, nodegroupName: of.nodegroup, addonName: of.addon, nextToken, maxResults: 100 }
      const answer = await client.send(new ListUpdatesCommand(filter))
      return { items: present('eks:ListUpdates', 'updateIds', answer.updateIds), next: answer.nextToken }
    }),
  )
}

/** Which group or add-on an update is of is not in the answer, so it is added from the question. */
export function ofSubject(update: EksUpdate, of: Subject): EksUpdate {
  return {
    ...update,
    ...(of.nodegroup === undefined ? {} : { nodegroupName: of.nodegroup }),
    ...(of.addon === undefined ? {} : { addonName: of.addon }),
  }
}
