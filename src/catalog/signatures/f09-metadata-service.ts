import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { logEvidence } from './reading.ts'

/** The init container cannot ask the instance metadata service. */
export const metadataService: Signature = {
  code: 'F09',
  title: 'The instance metadata service does not answer aws-node on these nodes',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/cmd/aws-vpc-cni-init/main.go',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods'],
  match({ hung }) {
    const failing = hung.filter(({ awsNode }) => awsNode?.state === 'init-failing')
    const logged = logEvidence(failing, /IMDS|primary MAC|error getting MAC/, 'aws-vpc-cni-init')
    const later = logEvidence(hung, /instance metadata: failed to retrieve/)
    return matched({
      nodes: [...failing, ...hung.filter((node) => !failing.includes(node) && later.some(({ subject }) => subject === about(node)))],
      evidence: [
        ...failing.map((node) => says(2, about(node), 'the init container aws-vpc-cni-init fails, before ipamd starts')),
        ...logged,
        ...later,
      ],
      against:
        failing.length > 0 && logged.length === 0
          ? [says(1, about(failing[0] as never), 'its log does not speak of the metadata service, or could not be read')]
          : [],
    })
  },
  remedy: () =>
    byPerson(
      'Turn the metadata service on in the launch template of the group (HttpEndpoint enabled; the hop limit does not matter to aws-node), then roll the group.',
      'aws ec2 describe-instances --instance-ids INSTANCE --query "Reservations[].Instances[].MetadataOptions"',
    ),
}
