#@ task run-three-pods
#@ says Deployment `web` has `replicas` set to 2, not 3.
kubectl create deployment web --image=nginx --replicas=2
kubectl rollout status deployment/web --timeout=60s
