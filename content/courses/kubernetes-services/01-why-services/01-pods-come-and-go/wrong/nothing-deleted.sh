#@ task replace-a-pod
#@ says All pods of Deployment `web` are the first ones. Delete one.
kubectl create deployment web --image=nginx --replicas=3
kubectl rollout status deployment/web --timeout=60s
