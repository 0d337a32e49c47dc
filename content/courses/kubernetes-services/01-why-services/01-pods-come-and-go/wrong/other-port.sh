#@ task stable-address
#@ says Service `web`: `spec.ports[0].port` is `8080`, not `80`.
kubectl create deployment web --image=nginx --replicas=3
kubectl rollout status deployment/web --timeout=60s
kubectl expose deployment web --port=8080 --target-port=80
