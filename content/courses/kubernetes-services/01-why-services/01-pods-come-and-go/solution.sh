kubectl create deployment web --image=nginx --replicas=3
kubectl rollout status deployment/web --timeout=60s
kubectl delete pod "$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}')"
kubectl rollout status deployment/web --timeout=60s
kubectl expose deployment web --port=80
