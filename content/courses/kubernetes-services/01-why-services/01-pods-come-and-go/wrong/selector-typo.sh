#@ task stable-address
#@ says Service `web` selects app=wep: no pod has that label.
kubectl create deployment web --image=nginx --replicas=3
kubectl rollout status deployment/web --timeout=60s
kubectl create service clusterip web --tcp=80:80
kubectl set selector service web app=wep
