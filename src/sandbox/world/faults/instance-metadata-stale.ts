import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const instanceMetadataStale = defineFault({
  name: 'instance-metadata-stale',
  codes: ['P17'],
  title: 'the instance metadata of nodes lacks an interface that is attached: ipamd forgets it, and its pods are cut off',
  source:
    'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go, https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/datastore/data_store.go',
  where: NODE_KEYS,
  levers: { 'instance/metadata': () => 'lacks-interface' },
})
