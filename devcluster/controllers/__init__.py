"""Controllers: Gitea and the Flux controllers as host processes; the latter follow their live Deployments.

supervisor_process  starting and ending the supervisor from another process
supervisor          the background process that runs them all
supervised_process  one of them: started, restarted on change or death, ended when it is no longer wanted
live_deployments    the Deployments of flux-system, as of a moment ago
pod_command         from a Deployment to the command line of the process that stands for its pod
pod_status          what a kubelet would say of such a pod: restarts, and whether it is ready
service_account     the kubeconfig and the token with which such a process speaks to the API server
"""
