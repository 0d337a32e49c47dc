#@ task run-three-pods
#@ says Deployment `web` asks for 2 pods, not 3.
kubectl create deployment web --image=nginx --replicas=2
kubectl rollout status deployment/web --timeout=60s
