import type { Story } from './lines.ts'

const AWS_NODE = '-n kube-system $(kubectl get pods -n kube-system -l k8s-app=aws-node --sort-by=.spec.nodeName -o name | tail -1)'

/** Reading with kubectl, on the world `quickstart`. */
export const KUBECTL_READS: readonly Story[] = [
  {
    title: 'get',
    lines: [
      {
        run: 'kubectl get nodes',
        prints: [/^NAME +STATUS +ROLES +AGE +VERSION$/m, /^ip-10-0-0-44\S+ +Ready +<none> +\S+ +v1\.32\.9-eks-\w+$/m],
      },
      {
        run: 'kubectl get ns',
        exactly:
          'NAME STATUS AGE\nbatch Active AGE\ndata Active AGE\ndefault Active AGE\nkube-node-lease Active AGE\nkube-public Active AGE\nkube-system Active AGE\nmonitoring Active AGE\nserin-probes Active AGE\nshop Active AGE',
      },
      {
        run: 'kubectl get nodes -o wide',
        prints: [
          /INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME/,
          /10\.0\.0\.44 .*Amazon Linux 2023\S+ .*containerd:/,
        ],
      },
      { run: 'kubectl get deploy reports -n batch -o yaml', prints: [/^kind: Deployment$/m, /^ {2}replicas: 4$/m, /workload: batch/] },
      { run: 'kubectl get deploy reports -n batch -o json | grep readyReplicas', prints: [/"readyReplicas": 4/] },
      {
        run: `kubectl get nodes -l eks.amazonaws.com/nodegroup=data -o jsonpath='{range .items[*]}{.status.nodeInfo.kubeletVersion}{"\\n"}{end}'`,
        prints: [/^(v1\.32\.\d+-eks-\w+\n){3}$/],
      },
      { run: 'kubectl get pdb -n data -o custom-columns=NAME:.metadata.name,MAX:.spec.maxUnavailable', exactly: 'NAME MAX\norders-db 1' },
      { run: 'kubectl get pods -n data -o name', exactly: 'pod/orders-db-0\npod/orders-db-1\npod/orders-db-2' },
      {
        run: 'kubectl get ds -n kube-system',
        exactly:
          'NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE\naws-node 20 20 20 20 20 <none> AGE\nkube-proxy 20 20 20 20 20 <none> AGE',
      },
      {
        run: 'kubectl get pdb -A',
        prints: [
          /^NAMESPACE +NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE$/m,
          /^shop +checkout +5 +N\/A +\d/m,
          /^shop +search +N\/A +25% +\d/m,
        ],
      },
      { run: 'kubectl get pods -A -l app=orders-db --no-headers', prints: [/^data +orders-db-0 +1\/1 +Running +0 /m] },
      {
        run: "kubectl get pods -A -l 'app in (orders-db),app!=web' --field-selector status.phase=Running,metadata.namespace=data -o name",
        exactly: 'pod/orders-db-0\npod/orders-db-1\npod/orders-db-2',
      },
      { run: 'kubectl get pods -A --field-selector spec.containers=x', code: 1, prints: ['field label not supported: spec.containers'] },
      {
        run: 'kubectl get nodes --sort-by=.metadata.name -o name | head -2',
        exactly: 'node/ip-10-0-0-44.eu-central-1.compute.internal\nnode/ip-10-0-0-45.eu-central-1.compute.internal',
      },
      { run: 'kubectl get pods -n data -L app', prints: [/AGE +APP$/m, /orders-db-0 .* orders-db$/m] },
      { run: 'kubectl get all -n monitoring', prints: [/daemonset\.apps\/node-exporter +20 +20/, /pod\/node-exporter-\w+ +1\/1 +Running/] },
      { run: 'kubectl get lease -n kube-node-lease', prints: [/^ip-10-0-0-44\S+ +ip-10-0-0-44/m] },
      { run: 'kubectl get nodes --chunk-size=7 -o name | wc -l', exactly: '20' },
      { run: 'kubectl get pod nope -n shop', code: 1, prints: ['Error from server (NotFound): pods "nope" not found'] },
      { run: 'kubectl get podz', code: 1, prints: [`error: the server doesn't have a resource type "podz"`] },
      { run: 'kubectl get secrets -A', prints: ['No resources found'] },
      { run: 'kubectl create token default', code: 1, prints: ['the sandbox does not implement serviceaccounts/token'] },
      { run: 'kubectl get hpa -n data', prints: ['No resources found'] },
      { run: 'kubectl get --raw /metrics', code: 1, prints: ['the sandbox does not implement /metrics'] },
      { run: 'kubectl get nodes -o go-template="{{len .items}}"', prints: [/^20$/] },
      { run: "kubectl get --raw '/api/v1/namespaces/data/pods?limit=1' | head -c 40", prints: ['"kind":"PodList"'] },
      { run: 'kubectl get --raw /readyz', exactly: 'ok' },
    ],
  },
  {
    title: 'describe',
    lines: [
      {
        run: 'kubectl describe node ip-10-0-8-44.eu-central-1.compute.internal',
        prints: [
          /HolderIdentity: +ip-10-0-8-44/,
          /RenewTime: +\w+, \d+ \w+ 2026/,
          /Ready +True .*KubeletReady/,
          /pods: +29/,
          /ProviderID: +aws:\/\/\/eu-central-1c\/i-/,
          /Non-terminated Pods: +\(\d+ in total\)/,
          /kube-system +aws-node-/,
          /^Allocated resources:$/m,
        ],
      },
      {
        run: 'kubectl describe pod -n data orders-db-0',
        prints: [
          /Controlled By: +StatefulSet\/orders-db/,
          /Node-Selectors: +workload=data/,
          /State: +Running/,
          /Image: +registry.example\/orders-db:1.0/,
          /Ready +True/,
          /Priority: +0/,
          /Service Account: +default/,
          /Tolerations: +node\.kubernetes\.io\/not-ready:NoExecute op=Exists for 300s/,
        ],
      },
      {
        run: 'kubectl describe deploy -n batch reports',
        prints: [
          /Replicas: +4 desired \| 4 updated \| 4 total \| 4 available/,
          /Available +True +MinimumReplicasAvailable/,
          /NewReplicaSet: +reports-\w+ \(4\/4 replicas created\)/,
        ],
      },
      {
        run: 'kubectl describe ds -n kube-system aws-node',
        prints: [/Desired Number of Nodes Scheduled: 20/, /WARM_ENI_TARGET: +1/, /Pods Status: +20 Running/],
      },
      { run: 'kubectl describe sts -n data', prints: [/Replicas: +3 desired \| 3 total/, /Pods Status: +3 Running/] },
      { run: 'kubectl describe pdb -n data', prints: [/Max unavailable: +1/, /Allowed disruptions: +1/, /Current: +3/] },
      { run: 'kubectl describe svc kubernetes', prints: [/Type: +ClusterIP/, /IP: +172\.20\.0\.1/] },
      { run: 'kubectl describe ns shop', prints: [/Status: +Active/] },
      { run: 'kubectl describe rs -n batch', prints: [/Controlled By: +Deployment\/reports/] },
      { run: 'kubectl describe pod -n data nope', code: 1, prints: ['pods "nope" not found'] },
    ],
  },
  {
    title: 'logs',
    lines: [
      {
        run: `kubectl logs ${AWS_NODE}`,
        prints: [
          'Defaulted container "aws-node" out of: aws-node, aws-eks-nodeagent, aws-vpc-cni-init (init)',
          'Checking for IPAM connectivity',
        ],
      },
      {
        run: `kubectl logs ${AWS_NODE} -c aws-node --tail 1`,
        prints: [/^time="\S+" level=info msg="Successfully copied CNI plugin binary and config file\."$/m],
      },
      { run: `kubectl logs ${AWS_NODE} -c aws-vpc-cni-init`, prints: [/\S/] },
      { run: `kubectl logs ${AWS_NODE} -c aws-node --timestamps --tail 1`, prints: [/^2026-09-\d\dT\S+Z time=/m] },
      { run: `kubectl logs ${AWS_NODE} -c aws-node --since 1m`, exactly: '' },
      { run: `kubectl logs ${AWS_NODE} -c aws-node --since-time 2026-09-01T00:00:00Z --limit-bytes 20`, prints: [/^.{20}$/] },
      {
        run: `kubectl logs ${AWS_NODE} -c aws-node --previous`,
        code: 1,
        prints: ['Error from server (BadRequest): previous terminated container "aws-node" in pod'],
      },
      { run: `kubectl logs ${AWS_NODE} -c nope`, code: 1, prints: [/container nope is not valid for pod aws-node-/] },
      {
        run: 'kubectl logs -n kube-system -l k8s-app=aws-node -c aws-node --tail 1 --prefix',
        prints: [/^(\[pod\/aws-node-\w+\/aws-node\] .*\n){20}$/],
      },
      { run: `timeout 3 kubectl logs ${AWS_NODE} -c aws-node -f --tail 1; echo ended $?`, prints: ['Successfully copied', /^ended 124$/m] },
    ],
  },
  {
    title: 'what the API is',
    lines: [
      { run: 'kubectl version', prints: [/Server Version: v1\.33\.\d+-eks-\w+/] },
      { run: 'kubectl api-resources', prints: [/^nodes +no +v1 +false +Node$/m, /^deployments +deploy +apps\/v1 +true +Deployment$/m] },
      { run: 'kubectl api-resources --namespaced=false --verbs=list -o name', prints: [/^nodes$/m, /^namespaces$/m] },
      { run: 'kubectl api-versions', prints: [/^apps\/v1$/m, /^policy\/v1$/m, /^v1$/m] },
      {
        run: 'kubectl explain pod.spec.containers.image',
        prints: [/FIELD: image <string>/, 'Container image name. More info:'],
      },
      { run: 'kubectl explain deploy.spec', prints: [/FIELD: spec <DeploymentSpec>/, /selector\t<LabelSelector> -required-/] },
      { run: 'kubectl explain pdb.spec --recursive', prints: [/maxUnavailable/, /matchLabels/] },
      { run: 'kubectl explain nodes.spec.nope', code: 1, prints: [/field "nope" does not exist/] },
      { run: 'kubectl cluster-info', prints: [/Kubernetes control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/] },
      { run: 'kubectl auth can-i delete pods', exactly: 'yes' },
      { run: 'kubectl auth can-i --list', prints: [/Resources +Non-Resource URLs +Resource Names +Verbs/, /\*\.\* /] },
      { run: 'kubectl auth whoami', prints: [/Username/, /Groups/] },
      { run: 'kubectl top nodes', code: 1, prints: ['error: Metrics API not available'] },
      { run: 'kubectl exec -n data orders-db-0 -- ls', code: 1, prints: ['the sandbox does not implement pods/exec'] },
      { run: 'kubectl port-forward -n data orders-db-0 :80', code: 1, prints: ['the sandbox does not implement pods/portforward'] },
    ],
  },
]

/** What has to work with another version of kubectl too. */
export function essentials(title: string, kubectl: string): Story {
  const node = 'ip-10-0-8-46.eu-central-1.compute.internal'
  const manifest = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"essential","namespace":"default"},"data":{"a":"1"}}`
  return {
    title,
    lines: [
      { run: `${kubectl} get nodes,pods -A -o wide`, prints: [/node\/ip-10-0-0-44/, /pod\/orders-db-0 /] },
      { run: `${kubectl} describe node ${node}`, prints: [/Non-terminated Pods: +\(\d+ in total\)/] },
      {
        run: `echo '${manifest}' | ${kubectl} apply --server-side -f - && ${kubectl} delete cm essential`,
        prints: ['configmap/essential serverside-applied', 'deleted'],
      },
      { run: `${kubectl} drain ${node} --ignore-daemonsets --dry-run=server`, prints: ['drained (server dry run)'] },
      {
        run: `${kubectl} create configmap essential --from-literal=a=1 && ${kubectl} delete cm essential`,
        prints: ['configmap/essential created'],
      },
      {
        run: `${kubectl} auth can-i list nodes && ${kubectl} explain node.spec.taints && timeout 1 ${kubectl} get ns -w; true`,
        prints: [/^yes$/m, /KIND: +Node/, /^shop +Active/m],
      },
    ],
  }
}
